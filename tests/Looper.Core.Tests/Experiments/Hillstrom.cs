using System.Globalization;
using Looper.Core.Files;
using Looper.Testing;

namespace Looper.Core.Tests.Experiments;

/// <summary>The customers of the Hillstrom e-mail experiment.</summary>
internal sealed record Hillstrom(int Arm, double Visit, double Conversion, double Spend, double History)
{
    public static readonly string[] Arms = ["No E-Mail", "Womens E-Mail", "Mens E-Mail"];

    public static List<Hillstrom> Read()
    {
        using var file = CsvFile.Open(SharedData.File("hte", "hillstrom", "hillstrom.csv.gz"));
        int At(string column) => file.Header.IndexOf(column);
        int arm = At("treatment"), visit = At("visit"), conversion = At("conversion"), spend = At("spend"), history = At("history");
        var rows = new List<Hillstrom>(48_000);
        double Number(string[] row, int column) => double.Parse(row[column], CultureInfo.InvariantCulture);
        while (file.Read() is { } row)
            rows.Add(new(Array.IndexOf(Arms, row[arm]), Number(row, visit), Number(row, conversion), Number(row, spend), Number(row, history)));
        return rows;
    }
}
