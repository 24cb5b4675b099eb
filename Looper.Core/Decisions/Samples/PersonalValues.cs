using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Looper.Core.Decisions.Samples;

/// <summary>Tells personal data by its name, or by what the values look like (with check digits where there are any).</summary>
internal static partial class PersonalValues
{
    public static bool Looks(string name, List<SampleCell> cells)
    {
        if (cells.Count == 0) return FieldNames.IsPersonal(name);
        if (FieldNames.IsPersonal(name) && cells[0].Kind != CellKind.Boolean) return true;
        var share = cells.Count(c => c.Kind is CellKind.Text or CellKind.Number && IsPersonal(c)) / (double)cells.Count;
        return share >= 0.5;
    }

    private static bool IsPersonal(SampleCell cell) => cell.Kind == CellKind.Number
        ? cell.Text.Length is >= 13 and <= 19 && IsCard(cell.Text)
        : Email().IsMatch(cell.Text) || Phone().IsMatch(cell.Text) || IsAddress(cell.Text) || IsIban(cell.Text) || IsCard(cell.Text);

    private static bool IsAddress(string text) => text.Length >= 7 && (text.Count(c => c == '.') == 3 || text.Count(c => c == ':') >= 2) && IPAddress.TryParse(text, out _);

    /// <summary>Luhn 1960 (US 2,950,048): the doubled-digit sum of a card number divides by ten.</summary>
    private static bool IsCard(string text)
    {
        if (!Card().IsMatch(text)) return false;
        var digits = text.Where(char.IsAsciiDigit).Select(c => c - '0').Reverse().ToArray();
        if (digits.Length is < 13 or > 19 || digits.Distinct().Count() < 2) return false;
        return digits.Select((d, i) => i % 2 == 0 ? d : d * 2 > 9 ? (d * 2) - 9 : d * 2).Sum() % 10 == 0;
    }

    /// <summary>ISO 13616: moved to the end and read as a number, an IBAN leaves 1 when divided by 97.</summary>
    private static bool IsIban(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        if (!Iban().IsMatch(plain)) return false;
        var digits = string.Concat((plain[4..] + plain[..4]).Select(c => char.IsAsciiDigit(c) ? c.ToString() : $"{c - 'A' + 10}"));
        return BigInteger.Parse(digits, System.Globalization.CultureInfo.InvariantCulture) % 97 == 1;
    }

    [GeneratedRegex(@"\A[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"\A\+\d[\d ()/-]{6,18}\d\z")]
    private static partial Regex Phone();

    [GeneratedRegex(@"\A\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}\z")]
    private static partial Regex Card();

    [GeneratedRegex(@"\A[A-Z]{2}\d{2}[A-Z0-9]{11,30}\z")]
    private static partial Regex Iban();
}
