using Looper.Core.Files;
using Looper.Testing;

namespace Looper.EndToEnd.Tests.Hillstrom;

/// <summary>The file read a second time, by its own names, for formulas that share nothing with the product.</summary>
internal sealed record Customer(string Email, double Visit, double Conversion, double Spend)
{
    public const string None = "No E-Mail";
    public static readonly string[] Emails = [None, "Mens E-Mail", "Womens E-Mail"];

    public static string Path => SharedData.File("hte", "hillstrom", "hillstrom.csv.gz");

    public static List<Customer> Read()
    {
        using var file = CsvFile.Open(Path);
        int email = file.Column("treatment", "").Value, visit = file.Column("visit", "").Value, conversion = file.Column("conversion", "").Value, spend = file.Column("spend", "").Value;
        var customers = new List<Customer>();
        while (file.Read() is { } row) customers.Add(new(row[email], Number(row[visit]), Number(row[conversion]), Number(row[spend])));
        return customers;
    }

    private static double Number(string cell) => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture);
}
