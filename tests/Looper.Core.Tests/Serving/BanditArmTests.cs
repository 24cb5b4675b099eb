using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Serving;

/// <summary>An arm that is a bandit serves what its own arm has learned, and every propensity is that of the mixture of arms.</summary>
public sealed class BanditArmTests
{
    private const string Dutch = """{"country":"NL","cartValue":50}""";
    private static readonly BanditPolicy s_policy = new();

    [Fact]
    public void It_serves_what_the_arm_has_learned_and_states_the_chance_over_all_arms()
    {
        var experiment = Serve.Experiment(new ArmSource("always", 0.4, "none", null, null), new ArmSource("learns", 0.6, null, s_policy, null) { Bandit = LearnedBanners.Bytes(s_policy) });
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: experiment));
        var alone = Alone();
        var (fit, best, learning) = (new PropensityFit(3), 0, 0);
        double[] mixed = [0.4 + 0.6 * alone[0], 0.6 * alone[1], 0.6 * alone[2]];
        for (var i = 0; i < 4_000; i++)
        {
            var decision = Serve.Decide(snapshot, $"u{i}", $"d{i}", Dutch);
            Assert.Equal(mixed[decision.Answer.Option], decision.Propensity, 1e-12);
            fit.Add(mixed, decision.Answer.Option);
            if (decision.Arm == 0) Assert.Equal("none", decision.Key());
            else (learning, best) = (learning + 1, decision.Key() == "ten-percent" ? best + 1 : best);
        }
        Assert.InRange(fit.PValue, 1e-4, 1);
        Assert.True(best > 0.8 * learning, $"{best} of {learning}");
    }

    [Fact]
    public void A_version_that_an_arm_names_learns_from_the_arm_and_the_current_one_from_its_decision_point()
    {
        var taught = LearnedBanners.Bytes(s_policy);
        PointSource Point(byte[] ofPoint, byte[] ofArm, int current) => Serve.Point(Serve.Banner(s_policy), experiments: Serve.Experiment(
            new ArmSource("current", 0.5, null, null, null), new ArmSource("other", 0.5, null, null, 2) { Bandit = ofArm })) with
        {
            Bandit = ofPoint, CurrentVersion = current, Blueprints = [new(1, BlueprintJson.Write(Serve.Banner(s_policy))), new(2, BlueprintJson.Write(Serve.Banner(s_policy)))],
        };
        var (even, chances) = (1 / 3.0, Alone());
        Assert.Equal(0.5 * even + 0.5 * chances[1], Chance(Point([], taught, 1)), 1e-12);
        Assert.Equal(0.5 * chances[1] + 0.5 * even, Chance(Point(taught, [], 1)), 1e-12);
        Assert.Equal(chances[1], Chance(Point(taught, [], 2)), 1e-12); // both arms are the current version
    }

    [Fact]
    public void What_an_arm_has_learned_is_kept_with_the_snapshot_to_the_bit()
    {
        var experiment = Serve.Experiment(new ArmSource("always", 0.4, "none", null, null), new ArmSource("learns", 0.6, null, s_policy, null) { Bandit = LearnedBanners.Bytes(s_policy) });
        var read = SnapshotCodec.Read(SnapshotCodec.Write(new(DateTimeOffset.UnixEpoch, [Serve.Point(Serve.Banner(), experiments: experiment)]))).Value!;
        var arms = read.Points[0].Experiments[0].Arms;
        Assert.Equal([0, LearnedBanners.Bytes(s_policy).Length], arms.Select(a => a.Bandit.Length));
        Assert.Equal(LearnedBanners.Bytes(s_policy), arms[1].Bandit.ToArray());
    }

    // what a decision point with the same bandit draws with
    private static double[] Alone()
    {
        var workspace = new DecisionWorkspace();
        Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(s_policy)) with { Bandit = LearnedBanners.Bytes(s_policy) }), "u", null, Dutch, workspace);
        return workspace.Probabilities.ToArray();
    }

    // of ten percent, over all arms
    private static double Chance(PointSource point)
    {
        var snapshot = Serve.Snapshot(point);
        for (var i = 0; ; i++)
        {
            if (Serve.Decide(snapshot, $"u{i}", $"d{i}", Dutch) is var decision && decision.Key() == "ten-percent") return decision.Propensity;
        }
    }
}
