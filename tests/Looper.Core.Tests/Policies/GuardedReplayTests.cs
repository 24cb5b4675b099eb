using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Numerics;
using Looper.Core.Policies;
using Looper.Core.Serving;
using Looper.Core.Tests.Serving;

namespace Looper.Core.Tests.Policies;

/// <summary>A bandit with a guardrail, replayed on the log of a random policy.</summary>
public class GuardedReplayTests
{
    [Fact]
    public void What_is_replayed_keeps_within_its_guardrails_too()
    {
        var (free, guarded) = (Replay(null), Replay(0.25));
        var late = Enumerable.Range(3_000, 1_000).ToArray();
        Assert.True(late.Average(i => free[4 * i + 1]) > 0.7, "without a guardrail it gives what sells most");
        Assert.True(late.Average(i => guarded[4 * i + 1]) < 0.1, "with one it does not");
        Assert.True(late.Average(i => guarded[4 * i + 2] + guarded[4 * i + 3]) > 0.6, "and finds what is admissible");
        for (var i = 0; i < 50; i++) Assert.Equal(0.985, guarded[4 * i], 1e-12);
    }

    private static double[] Replay(double? margin)
    {
        var (world, policy) = (new GuardedWorld(60), new BanditPolicy());
        var content = GuardedWorld.Content(policy, margin);
        content = content with { Outcomes = [.. content.Outcomes.Select(o => o with { Window = TimeSpan.FromMinutes(1) })] };
        var reward = GoalReward.Of(content).Value!;
        var log = LoggedDecisions.For(content, new Dictionary<int, BlueprintContent> { [1] = content with { Policy = new RandomPolicy() } }, reward, []).Value!;
        var (random, served) = (new Philox(60, "guarded-log"), new byte[64]);
        for (var i = 0; i < 4_000; i++)
        {
            var (kind, option) = (random.Below(GuardedWorld.Kinds), random.Below(GuardedWorld.Options));
            var length = ServedRow.WriteText(served, Encoding.UTF8.GetBytes(kind < 2 ? "NL" : "DE"));
            length += ServedRow.WriteNumber(served.AsSpan(length), kind % 2);
            double[] values = [random.Uniform() < world.Rewards[kind][option] ? 1 : 0, random.Uniform() < world.Harms[kind][option] ? 1 : 0];
            values = values[..reward.Outcomes.Length];
            log.Add(new(new()
            {
                Id = $"d{i}", DecisionPointId = default, Unit = $"u{i}", Time = DateTimeOffset.UnixEpoch.AddMinutes(i), BlueprintVersion = 1, Option = option, Propensity = 0.25, Reason = Reason.Explore,
                Served = served.AsSpan(0, length).ToArray(),
            }, [.. values], [.. values], [.. values.Select(_ => true)], 0));
        }
        return BanditReplay.Of(log, content, policy, reward, 1, default).Probabilities;
    }
}
