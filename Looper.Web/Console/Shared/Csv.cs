using System.Globalization;
using System.Text;
using Looper.Core.Files;

namespace Looper.Web.Console.Shared;

/// <summary>Rows as comma-separated text. A text that a spreadsheet would take for a formula is defused with an apostrophe; numbers stay numbers.</summary>
public static class Csv
{
    public static string Write(IEnumerable<string> heads, IEnumerable<IEnumerable<object?>> rows)
    {
        var text = new StringBuilder();
        Line(text, heads);
        foreach (var row in rows) Line(text, row);
        return text.ToString();
    }

    private static void Line(StringBuilder text, IEnumerable<object?> cells) => text.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    private static string Cell(object? value) => value switch
    {
        null => "",
        double number when !double.IsFinite(number) => "",
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        string words => CsvText.Cell(words),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => CsvText.Cell(value.ToString() ?? ""),
    };
}
