using System.Globalization;
using System.Text;
using Looper.Core.Files;

namespace Looper.Core.Decisions.Samples;

/// <summary>Reads CSV with a header; commas, semicolons and tabs are told apart by the reader.</summary>
internal static class CsvSample
{
    public static Answered<SampleTable> Read(string text)
    {
        try
        {
            return ReadRows(text);
        }
        catch (InvalidDataException fault)
        {
            return SampleTexts.NotCsv(fault.Message);
        }
    }

    private static Answered<SampleTable> ReadRows(string text)
    {
        using var file = CsvFile.Open(new MemoryStream(Encoding.UTF8.GetBytes(text.TrimStart('\uFEFF', '\r', '\n'))));
        if (file.Header.IndexOf("") is >= 0 and var nameless) return SampleTexts.NamelessColumn(nameless + 1);
        if (file.Header.GroupBy(h => h).FirstOrDefault(g => g.Count() > 1) is { } twice) return SampleTexts.ColumnTwice(twice.Key);
        var table = new SampleTable("CSV");
        foreach (var name in file.Header) table.AddMissing(name.Trim());
        for (; file.Read() is { } row; table.Rows++)
            for (var i = 0; i < row.Length; i++)
                if (row[i].Trim() is { Length: > 0 } cell) table.Add(file.Header[i].Trim(), KindOf(cell), cell);
        return table.Rows == 0 ? SampleTexts.NoTable() : table;
    }

    private static CellKind KindOf(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? CellKind.Number
        : cell.ToLowerInvariant() is "true" or "false" or "yes" or "no" ? CellKind.Boolean
        : SampledList.KindOf(cell) ?? CellKind.Text;
}
