using Looper.Core.Blueprints;
using Looper.Core.Learning.Bandits;
using Looper.Core.Serving;
using Looper.Testing.Bandits;

namespace Looper.Core.Tests.Serving;

public sealed class BanditServingTests
{
    private const string Dutch = """{"country":"NL","cartValue":50}""", German = """{"country":"DE","cartValue":50}""";

    public static TheoryData<string> Algorithms => [.. BanditAlgorithms.Words];

    [Theory, MemberData(nameof(Algorithms))]
    public void It_draws_from_the_chances_it_states_and_gives_each_unit_what_suits_it(string algorithm)
    {
        var policy = new BanditPolicy { Algorithm = algorithm };
        var (snapshot, workspace, fit, best) = (Serve.Snapshot(Taught(policy)), new DecisionWorkspace(), new PropensityFit(3), 0);
        for (var i = 0; i < 4_000; i++)
        {
            var decision = Serve.Decide(snapshot, $"u{i % 500}", $"d{i}", i % 2 == 0 ? Dutch : German, workspace);
            var chances = workspace.Probabilities;
            Assert.Equal(1, Sum(chances), 1e-12);
            Assert.All(chances.ToArray(), p => Assert.True(p >= BanditSettings.Floor(3) - 1e-15, $"{p}"));
            Assert.Equal(chances[decision.Answer.Option], decision.Propensity);
            fit.Add(chances, decision.Answer.Option);
            if (decision.Key() == (i % 2 == 0 ? "ten-percent" : "free-shipping")) best++;
        }
        Assert.InRange(fit.PValue, 1e-4, 1);
        if (algorithm != "thompson-beta") Assert.True(best > 3_000, $"{best}"); // it looks at no context
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void No_more_than_the_budget_goes_to_what_is_not_believed_to_be_best(string algorithm)
    {
        var policy = new BanditPolicy { Algorithm = algorithm, Explore = 0.02, Budget = 0.03 };
        var (snapshot, workspace) = (Serve.Snapshot(Taught(policy, 60)), new DecisionWorkspace());
        for (var i = 0; i < 200; i++)
        {
            Serve.Decide(snapshot, $"u{i}", null, i % 2 == 0 ? Dutch : German, workspace);
            var chances = workspace.Probabilities.ToArray();
            Assert.Equal(1, chances.Sum(), 1e-12);
            Assert.InRange(chances.Max(), 0.97 - 1e-12, 1);
            Assert.InRange(chances.Min(), 0.02 / 3 - 1e-12, 1);
        }
    }

    [Fact]
    public void Before_anything_is_known_options_are_drawn_alike_or_the_default_as_often_as_a_budget_asks()
    {
        var workspace = new DecisionWorkspace();
        var even = Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(new BanditPolicy()))), "u", workspace: workspace);
        Assert.Equal((1 / 3.0, Reason.Explore), (even.Propensity, even.Reason));
        Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(new BanditPolicy { Budget = 0.1 }))), "u", workspace: workspace);
        Assert.Equal([0.9, 0.05, 0.05], workspace.Probabilities.ToArray().Select(p => Math.Round(p, 12)));
    }

    [Fact]
    public void What_was_learned_is_kept_with_the_snapshot_to_the_bit()
    {
        var policy = new BanditPolicy();
        var source = new SnapshotSource(DateTimeOffset.UnixEpoch, [Taught(policy), Serve.Point(Serve.Banner(), "other")]);
        var read = SnapshotCodec.Read(SnapshotCodec.Write(source)).Value!;
        Assert.Equal(source.Points[0].Bandit.ToArray(), read.Points[0].Bandit.ToArray());
        Assert.True(read.Points[1].Bandit.IsEmpty);
        var (before, after) = (ServingSnapshot.Compile(source), ServingSnapshot.Compile(read));
        for (var i = 0; i < 200; i++)
        {
            var (one, other) = (Serve.Decide(before, $"u{i}", null, Dutch), Serve.Decide(after, $"u{i}", null, Dutch));
            Assert.Equal((one.Answer, one.Propensity, one.Reason), (other.Answer, other.Propensity, other.Reason));
        }
    }

    [Fact]
    public void A_broken_state_is_nothing_learned_and_breaks_no_decision()
    {
        var (good, policy) = (LearnedBanners.Bytes(new()), new BanditPolicy());
        foreach (var at in Enumerable.Range(0, 40).Select(i => i * good.Length / 40))
        {
            var bytes = good.ToArray();
            bytes[at] ^= 0x40;
            var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(policy)) with { Bandit = bytes });
            var decision = Serve.Decide(snapshot, "u", null, Dutch);
            Assert.Equal((1 / 3.0, Reason.Explore, 0L), (decision.Propensity, decision.Reason, snapshot.Points[0].Faults));
        }
    }

    private static PointSource Taught(BanditPolicy policy, int rows = 1_500) => Serve.Point(Serve.Banner(policy)) with { Bandit = LearnedBanners.Bytes(policy, rows) };

    private static double Sum(ReadOnlySpan<double> values)
    {
        var sum = 0.0;
        foreach (var value in values) sum += value;
        return sum;
    }
}
