using System.Globalization;
using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Learning;
using Looper.Core.Serving;
using Looper.Core.Serving.Explanations;

namespace Looper.Benchmarks.Serving;

/// <summary><c>decide</c>: decisions in this process on one thread, from the bytes of a context to the option, and the bytes they allocate.</summary>
internal static class DecideCommand
{
    private const int Calls = 1_024, Rounds = 7;

    public static int Run()
    {
        var contexts = Enumerable.Range(0, Calls).Select(BenchPoint.Context).ToArray();
        (string What, ServingSnapshot Snapshot, byte[][] Contexts)[] cases =
        [
            ("rules, 3 options", Compile(BenchPoint.Content(predicts: false)), contexts),
            ($"the same, with {BenchPoint.Tags} tags and a vector of {BenchPoint.Dimension} beside", Compile(BenchPoint.WithLists), [.. Enumerable.Range(0, Calls).Select(BenchPoint.ContextWithLists)]),
            ($"the same, with {BenchHistories.Features} features that look back on {BenchHistories.Reports} reports of the unit beside", Compile(BenchHistories.Content), contexts),
            ("one score of 100 trees × 31 leaves", Compile(Value(), BenchPoint.Train(100, 31)), contexts),
            ("three options with 200 trees × 63 leaves", Compile(BenchPoint.Content(predicts: true), BenchPoint.Train(200, 63)), contexts),
        ];
        var ids = Enumerable.Range(0, Calls).Select(i => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"user-{i}"))).ToArray();
        var workspace = new DecisionWorkspace();
        var histories = BenchHistories.Of(cases.Select(c => c.Snapshot.Points[0]).Single(p => !p.Histories.IsEmpty), ids);
        void Decide(ServingSnapshot snapshot, byte[][] sent, int calls)
        {
            for (var i = 0; i < calls; i++)
            {
                var k = i & (Calls - 1);
                DecisionEngine.Decide(snapshot, snapshot.Find("banner"u8)!, new(ids[k], ids[k], sent[k]) { At = BenchHistories.Now, Histories = histories }, workspace);
            }
        }
        var medians = Stopclock.Medians(Rounds, [.. cases.Select(c => (Action<int>)(calls => Decide(c.Snapshot, c.Contexts, calls)))]);
        Console.WriteLine("| Decision, 20 features | µs | decisions/s, one core | bytes allocated |");
        Console.WriteLine("|---|---|---|---|");
        for (var i = 0; i < cases.Length; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Decide(cases[i].Snapshot, cases[i].Contexts, 10_000);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {cases[i].What} | {medians[i] * 1e6:F2} | {1 / medians[i]:N0} | {bytes} |"));
        }
        var explained = Stopclock.Medians(Rounds, [calls => Explain(cases[^1].Snapshot, ids, contexts, calls)])[0];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| the same, explained (`explain: true`) | {explained * 1e6:F2} | {1 / explained:N0} | – |"));
        return 0;
    }

    private static void Explain(ServingSnapshot snapshot, byte[][] ids, byte[][] contexts, int calls)
    {
        var workspace = new DecisionWorkspace();
        for (var i = 0; i < calls; i++)
        {
            var k = i & (Calls - 1);
            var decision = DecisionEngine.Decide(snapshot, snapshot.Points[0], new(ids[k], ids[k], contexts[k]), workspace);
            DecisionExplanation.Of(snapshot.Points[0], new(1, null, -1, decision.Reason, decision.Answer.Option, workspace.Served.ToArray(), default, [.. workspace.Scores]));
        }
    }

    private static BlueprintContent Value() => BenchPoint.Content(predicts: false) with { Shape = DecisionShape.Value, Options = [], Default = "0", Policy = new BestPolicy() };

    private static ServingSnapshot Compile(BlueprintContent content, TrainedPredictor? model = null) => ServingSnapshot.Compile(new(DateTimeOffset.UnixEpoch,
    [
        new(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), "banner", Salt: 42, CurrentVersion: 1, IsPaused: false, IsArchived: false, IsSimulated: false,
            [new(1, BlueprintJson.Write(content))], [], model is null ? [] : [new(1, "purchase", Artefact.Write(model))], []),
    ]));
}
