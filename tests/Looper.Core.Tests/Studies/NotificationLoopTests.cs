using Looper.Core.Numerics;
using Looper.Core.Studies;
using Looper.Testing;
using Looper.Testing.Simulation;

namespace Looper.Core.Tests.Studies;

/// <summary>The closed loop on a product whose truth is known: threshold and weights of a notification rule under a guardrail on opt-outs.</summary>
public class NotificationLoopTests(ITestOutputHelper output)
{
    [Fact] // bar: ≥ 95 % of the best feasible value in ≥ 18 of 20 seeds, the guardrail of the shipped setting held
    public async Task A_study_finds_nearly_the_best_rule_that_no_more_users_leave()
    {
        var truth = Sizes.IsLong ? new NotificationTruth(4_096, 40_000) : new NotificationTruth(512, 8_000);
        var reached = 0;
        for (var seed = 1; seed <= Sizes.ClosedLoops; seed++)
        {
            var run = await NotificationLoop.RunAsync(seed, NotificationLoop.UnitsPerArm);
            var progress = run.Progress;
            Assert.Equal((StudyState.Finished, 40), (progress.Study.State, progress.Trials.Count));
            var found = truth.Of(progress.Best!.Parameters);
            output.WriteLine($"seed {seed}: worth {found.Worth:F3} of {truth.Best:F3} ({found.Worth / truth.Best:P1}), opt-outs {found.OptOuts:P2} of {truth.Present.OptOuts:P2}, {run.Pauses} pauses");
            if (found.Worth >= 0.95 * truth.Best && truth.IsKept(found)) reached++;
        }
        Assert.True(reached >= 0.9 * Sizes.ClosedLoops, $"{reached} of {Sizes.ClosedLoops}");
    }

    [Fact] // bar: a fall at 20 points of a study, here of live arms: experiments are begun, read and ended in saves of their own
    public async Task A_fall_at_any_point_gives_the_same_arms_the_same_users_and_the_same_trials()
    {
        var undisturbed = await RunAsync(0);
        Assert.Equal(0, undisturbed.Falls);
        var random = new Philox(Sizes.Seed, "falls of a live study");
        for (var i = 0; i < Sizes.LiveFalls; i++)
        {
            var at = 1 + random.Below(undisturbed.Saves);
            var fallen = await RunAsync(at, after: i % 2 == 0);
            Assert.Equal(1, fallen.Falls);
            Assert.Equal(Text(undisturbed), Text(fallen));
        }

        static Task<NotificationRun> RunAsync(int at, bool after = false) => NotificationLoop.RunAsync(7, 100, trials: 15, at, after);
        static string[] Text(NotificationRun run) => [.. run.Progress.Trials.Select(t => $"{t.Number} {t.Batch} {t.State} {StudyJson.Write(t.Parameters)} {StudyJson.Write(t.Metrics)} {t.Units} {t.Why}")];
    }
}
