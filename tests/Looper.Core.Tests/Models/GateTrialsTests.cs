namespace Looper.Core.Tests.Models;

/// <summary>The gate on models that are really trained, in seeded worlds whose truth is known.</summary>
public sealed class GateTrialsTests(ITestOutputHelper output)
{
    private static readonly Flaw[] Worse = [Flaw.LabelNoise, Flaw.DroppedFeature, Flaw.LeakMissingLive, Flaw.LeakEmptyLive];

    [Fact]
    public void A_worse_candidate_is_promoted_at_most_5_times_in_100() => Assert.InRange(Promoted(trial => Worse[trial % Worse.Length]), 0, 5);

    [Fact]
    public void A_better_candidate_is_promoted_at_least_90_times_in_100() => Assert.InRange(Promoted(_ => Flaw.InjectedSignal), 90, 100);

    /// <summary>How many of 100 trials end in a promotion. Writes what kept the others back.</summary>
    private int Promoted(Func<int, Flaw> flaw)
    {
        var refused = new string?[100];
        Parallel.For(0, refused.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, trial => refused[trial] = new GateWorld(trial + 1, flaw(trial)).Refuses());
        foreach (var group in refused.Select((why, trial) => (Why: why ?? "promoted", Flaw: flaw(trial))).GroupBy(t => t).OrderByDescending(g => g.Count()))
            output.WriteLine($"{group.Count()} × {group.Key.Flaw}: {group.Key.Why}");
        return refused.Count(why => why is null);
    }
}
