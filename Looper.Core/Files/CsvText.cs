using System.Globalization;

namespace Looper.Core.Files;

/// <summary>Text as a cell of a comma-separated file.</summary>
public static class CsvText
{
    /// <summary>Quoted where it must be. A text that a spreadsheet would take for a formula is defused with an apostrophe; a number stays one.</summary>
    public static string Cell(string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] && !double.TryParse(words, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) words = "'" + words;
        return words.AsSpan().ContainsAny(",\"\r\n") ? $"\"{words.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : words;
    }
}
