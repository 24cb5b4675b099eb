using System.Globalization;
using System.Runtime.InteropServices;

namespace Looper.Benchmarks.Journal;

/// <summary><c>journal WHAT [--name value]…</c>: figures of the journal and its readers, as a table in Markdown.</summary>
internal static class JournalCommand
{
    public const string Usage = """
        Looper.Benchmarks journal fill   --directory DIR [--decisions 1000000] [--outcomes 3] [--points 1] [--experiment 0]
        Looper.Benchmarks journal read   --directory DIR [--rounds 5]
        Looper.Benchmarks journal report --directory DIR [--rounds 5]
        Looper.Benchmarks journal value  --directory DIR [--decisions 1000000] [--rounds 2]
        Looper.Benchmarks journal gain   --directory DIR [--decisions 1000000] [--rounds 3]
        Looper.Benchmarks journal growth --small DIR --large DIR [--chunk 20000] [--rounds 5]
        Looper.Benchmarks journal ingest [--observations 1000000] [--rounds 3] [--ids derived|random]
        Looper.Benchmarks journal batch  [--decisions 500000] [--rounds 3]
        Looper.Benchmarks journal observe [--senders 256] [--seconds 5] [--rounds 5]
        Looper.Benchmarks journal import [--rows 1000000] [--rounds 1]
        Looper.Benchmarks journal ship [--decisions 100000] [--rounds 2] [--batch N] [--baseline heap|indexed]
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var given = new Arguments(arguments);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}\n"));
        await (arguments is [var what, ..] ? what switch
        {
            "fill" => FillAsync(given),
            "read" => ReadBenchmark.RunAsync(given),
            "report" => ReportBenchmark.RunAsync(given),
            "value" => ValueBenchmark.RunAsync(given),
            "gain" => GainBenchmark.RunAsync(given),
            "growth" => GrowthBenchmark.RunAsync(given),
            "ingest" => IngestBenchmark.RunAsync(given),
            "batch" => BatchBenchmark.RunAsync(given),
            "import" => ImportBenchmark.RunAsync(given),
            "ship" => ShipBenchmark.RunAsync(given),
            "observe" => ObserveBenchmark.RunAsync(given),
            _ => Task.FromException(new ArgumentException(Usage)),
        } : Task.FromException(new ArgumentException(Usage)));
        return 0;
    }

    private static async Task FillAsync(Arguments given)
    {
        var seconds = await Feed.FillAsync(given.Text("directory"), given.Number("decisions", 1_000_000), given.Number("outcomes", 3), given.Number("points", 1), given.Number("experiment", 0) == 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"filled in {seconds:F1} s"));
    }
}

/// <summary><c>--name value</c> pairs after the first word.</summary>
internal sealed class Arguments(string[] arguments)
{
    private readonly Dictionary<string, string> _given = arguments.Skip(1).Chunk(2).Where(a => a.Length == 2).ToDictionary(a => a[0].TrimStart('-'), a => a[1]);

    public string Text(string name, string? preset = null) =>
        _given.GetValueOrDefault(name) ?? preset ?? throw new ArgumentException($"--{name} is missing.\n{JournalCommand.Usage}");

    public int Number(string name, int preset) => _given.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : preset;
}
