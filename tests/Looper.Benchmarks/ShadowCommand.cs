using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Learning;
using Looper.Core.Models;
using Looper.Core.Numerics;
using Looper.Core.Serving;
using LiveModel = Looper.Core.Models.LiveModel;

namespace Looper.Benchmarks;

/// <summary><c>shadow</c>: decisions a second in process, alone and while a look at 20,000 shadow decisions goes on beside them, in turns.</summary>
internal static class ShadowCommand
{
    private const int Rows = 20_000, Repeats = 7;
    private static readonly Guid Point = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private static readonly BlueprintContent Content = new()
    {
        Shape = DecisionShape.Choice,
        Options = [new("red"), new("green"), new("blue")],
        Default = "red",
        Features = [.. Enumerable.Range(0, 10).Select(f => new Feature($"f{f}", FeatureKind.Number))],
        Outcomes = [new("bought", OutcomeKind.Boolean)],
        Goal = new() { Terms = [new("bought")] },
        Policy = new BestPolicy(),
    };

    public static int Run()
    {
        var (model, examples) = (Model(), Examples());
        var versions = new VersionTable(Content, [new(1, Content)]);
        var profile = ServedProfile.Of(Content, versions, examples, [.. Enumerable.Range(0, Rows)], 0);
        var shadowing = new Shadowing(Content, versions, examples, Content.Outcomes[0], TimeProvider.System);
        var live = new LiveModel(1, model, default, default);
        void Look() => shadowing.Compare(model, live, new(PredictionTask.Binary), profile);
        var snapshot = ServingSnapshot.Compile(new(DateTimeOffset.UnixEpoch,
        [
            new(Point, "banner", 42, 1, false, false, false, [new(1, BlueprintJson.Write(Content))], [], [new(1, "bought", Artefact.Write(model))], []),
        ]));
        Look();
        Decide(snapshot, TimeSpan.FromSeconds(1));
        var (alone, beside, ratios, allocated) = (new double[Repeats], new double[Repeats], new double[Repeats], 0L);
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            (alone[repeat], var a) = Decide(snapshot, TimeSpan.FromSeconds(2));
            using var stop = new CancellationTokenSource();
            var other = new Thread(() => { while (!stop.IsCancellationRequested) Look(); });
            other.Start();
            (beside[repeat], var b) = Decide(snapshot, TimeSpan.FromSeconds(2));
            stop.Cancel();
            other.Join();
            (ratios[repeat], allocated) = (beside[repeat] / alone[repeat], Math.Max(allocated, Math.Max(a, b)));
        }
        var clock = Stopwatch.StartNew();
        Look();
        Console.WriteLine("| | |\n|---|---|");
        Console.WriteLine($"| decisions a second, alone | {Median(alone):N0} |");
        Console.WriteLine($"| decisions a second, a look going on all the time | {Median(beside):N0} |");
        Console.WriteLine($"| ratio, median of {Repeats} pairs | {Median(ratios):0.00} |");
        Console.WriteLine($"| bytes allocated per decision, either way | {allocated} |");
        Console.WriteLine($"| one look at {Rows:N0} decisions, two models of 200 trees × 31 leaves, three options | {clock.Elapsed.TotalMilliseconds:N0} ms |");
        return 0;
    }

    private static (double PerSecond, long BytesEach) Decide(ServingSnapshot snapshot, TimeSpan time)
    {
        var (point, workspace) = (snapshot.Find("banner")!, new DecisionWorkspace());
        var context = Encoding.UTF8.GetBytes("{" + string.Join(',', Enumerable.Range(0, 10).Select(f => $"\"f{f}\":0.{f}5")) + "}");
        var id = new byte[8];
        var (count, clock, before) = (0L, Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
        while (clock.Elapsed < time)
        {
            for (var i = 0; i < 100; i++, count++)
            {
                BitConverter.TryWriteBytes(id, count);
                DecisionEngine.Decide(snapshot, point, new(id, id, context), workspace);
            }
        }
        return (count / clock.Elapsed.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - before) / count);
    }

    private static TrainedPredictor Model()
    {
        var random = new Philox(1, "shadow");
        ImmutableArray<Column> columns = [new(ModelEncoder.OptionColumn, ColumnKind.Category, ["red", "green", "blue"]), .. Content.Features.Select(f => new Column(f.Name, ColumnKind.Number, []))];
        double[][] values = [.. columns.Select((c, j) => Enumerable.Range(0, 5_000).Select(_ => j == 0 ? random.Below(3) : random.Normal()).ToArray())];
        double[] labels = [.. Enumerable.Range(0, 5_000).Select(i => random.Uniform() < 1 / (1 + Math.Exp(-values[1][i] - values[0][i] * values[2][i])) ? 1.0 : 0)];
        return new(columns, new GradientBoosting().Fit(new(columns, values, labels), null, new() { Rounds = 200, Leaves = 31 }, 1, null, default));
    }

    private static ExampleSet Examples()
    {
        var (random, set, served) = (new Philox(2, "shadow"), new ExampleSet(1), new byte[128]);
        for (var i = 0; i < Rows; i++)
        {
            var length = 0;
            for (var f = 0; f < 10; f++) length += ServedRow.WriteNumber(served.AsSpan(length), random.Normal());
            set.Add(new()
            {
                Id = $"d-{i}", DecisionPointId = Point, Unit = $"u-{i}", Time = DateTimeOffset.UnixEpoch.AddSeconds(i), BlueprintVersion = 1, Option = random.Below(3),
                Propensity = 1 / 3.0, Reason = Reason.Explore, Served = served.AsMemory(0, length).ToArray(),
            }, [random.Below(2)]);
        }
        return set;
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
