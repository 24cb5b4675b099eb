using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Looper.Core.Learning;

namespace Looper.Benchmarks;

/// <summary><c>learning --data DIR --trees N --leaves N --threads N</c>: trains and scores the rows of eng/bench/learning.py; one JSON line.</summary>
internal static class LearningCommand
{
    private const int Columns = 30, Levels = 40;

    public static int Run(string[] arguments)
    {
        var given = arguments.Chunk(2).ToDictionary(a => a[0], a => a[1]);
        int Of(string name) => int.Parse(given[name], CultureInfo.InvariantCulture);
        var (train, test) = Read(given["--data"]);
        var settings = new LearnerSettings
        {
            Rounds = Of("--trees"), Leaves = Of("--leaves"), Threads = Of("--threads"), LearningRate = 0.1, FeatureFraction = 1,
        };
        var clock = Stopwatch.StartNew();
        var ensemble = (TreeEnsemble)new GradientBoosting().Fit(train, null, settings, 1, null, default);
        var seconds = clock.Elapsed.TotalSeconds;
        using var process = Process.GetCurrentProcess();
        var peak = process.PeakWorkingSet64;
        var rows = Enumerable.Range(0, Math.Min(10_000, test.Rows)).Select(i => { var row = new double[Columns]; test.CopyRow(i, row); return row; }).ToArray();
        var loss = RowLosses.Of(ensemble, test, Objective.Binary).Average();
        var sum = 0.0;
        var one = Least(100, k => sum += ensemble.Predict(rows[k]));
        var batch = Least(1, _ => { foreach (var row in rows) sum += ensemble.Predict(row); }) / rows.Length;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            who = "looper", trainSeconds = seconds, peakBytes = peak, logLoss = loss, microsecondsAtOne = one * 1e6, microsecondsInBatch = batch * 1e6,
        }));
        return double.IsNaN(sum) ? 1 : 0;
    }

    // The least of several: what the machine's other work adds is never less than nothing.
    private static double Least(int calls, Action<int> call)
    {
        for (var i = 0; i < 30; i++) for (var k = 0; k < calls; k++) call(k);
        var least = double.PositiveInfinity;
        for (var repeat = 0; repeat < 15; repeat++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var k = 0; k < calls; k++) call(k);
            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalSeconds / calls);
        }
        return least;
    }

    private static (DataSet Train, DataSet Test) Read(string directory)
    {
        var labels = Floats(Path.Combine(directory, "labels"), 0, -1);
        var held = Math.Min(labels.Length / 10, 100_000);
        var values = Enumerable.Range(0, Columns).Select(j => Floats(Path.Combine(directory, "values"), j, labels.Length)).ToArray();
        Column[] columns = [.. Enumerable.Range(0, Columns).Select(j => j % 4 == 3 || j == Columns - 1
            ? new Column($"c{j}", ColumnKind.Category, [.. Enumerable.Range(0, Levels).Select(k => $"{k}")])
            : new Column($"x{j}", ColumnKind.Number, []))];
        DataSet Part(Range range) => new([.. columns], [.. values.Select(v => v[range])], labels[range]);
        return (Part(..^held), Part(^held..));
    }

    private static double[] Floats(string path, int column, int rows)
    {
        using var file = File.OpenRead(path);
        var count = rows < 0 ? (int)(file.Length / 4) : rows;
        var bytes = new byte[count * 4];
        file.Position = (long)column * count * 4;
        file.ReadExactly(bytes);
        return Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), x => (double)x);
    }
}
