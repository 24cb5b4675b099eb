using Looper.Core.Blueprints;
using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>What is forced into the tables past every rule harms the decision point it belongs to, and only that.</summary>
public sealed class PoisonTests
{
    public static TheoryData<string> Contents => new(new[]
    {
        BlueprintJson.Write(Serve.Banner(new FixedPolicy("nowhere"))),
        BlueprintJson.Write(Serve.Banner(new EpsilonGreedyPolicy(2))),
        BlueprintJson.Write(Serve.Banner() with { Goal = new() { Terms = [new("nothing")] } }),
        BlueprintJson.Write(Serve.Banner() with { Goal = new() { Terms = [new("purchase", -1)] } }),
        BlueprintJson.Write(Serve.Banner() with { Rollout = new() { Share = 1.5 } }),
        BlueprintJson.Write(Serve.Banner() with { Rollout = new() { Baseline = "nowhere" } }),
        BlueprintJson.Write(Serve.Banner() with { Features = [new("a", FeatureKind.Number), new("a", FeatureKind.Category)] }),
    });

    [Theory, MemberData(nameof(Contents))]
    public void R8_a_poisoned_point_answers_its_default_and_the_others_are_unchanged(string content)
    {
        var healthy = Serve.Point(Serve.Banner(), "healthy");
        var poisoned = Serve.Point(Serve.Banner()) with { Blueprints = [new(1, content)] };
        var snapshot = Serve.Snapshot(poisoned, healthy);
        var decision = Serve.Decide(snapshot, "u");
        Assert.Equal(("none", Reason.DefaultError, 1.0), (decision.Key(), decision.Reason, decision.Propensity));
        Assert.NotNull(snapshot.Find("banner")!.Fault);
        Assert.Equal(Serve.Decide(Serve.Snapshot(healthy), "u", key: "healthy").Answer, Serve.Decide(snapshot, "u", key: "healthy").Answer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"shape\":\"choice\"")]
    [InlineData("""{"shape":"choice","default":"none","options":null}""")]
    [InlineData("""{"shape":"choice","default":"none","options":[null]}""")]
    [InlineData("""{"shape":"choice","default":"none","options":[{"key":"none"}],"features":[null]}""")]
    [InlineData("""{"shape":"choice","default":null,"options":[{"key":"none"}]}""")]
    [InlineData("""{"shape":"value","default":"NaN"}""")]
    [InlineData("""{"shape":"teleport","default":"x"}""")]
    public void R8_a_point_without_so_much_as_a_default_still_answers(string content)
    {
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner()) with { Blueprints = [new(1, content)] }, Serve.Point(Serve.Banner(), "healthy"));
        var decision = Serve.Decide(snapshot, "u");
        Assert.Equal(Reason.DefaultError, decision.Reason);
        Assert.Equal(Reason.Explore, Serve.Decide(snapshot, "u", key: "healthy").Reason);
    }

    [Fact]
    public void R8_a_model_that_cannot_be_read_never_decides()
    {
        var point = Serve.Point(Serve.Banner(new BestPolicy())) with { Models = [new(5, "purchase", new byte[] { 1, 2, 3 })] };
        Assert.Equal(("none", Reason.DefaultError), (Serve.Decide(Serve.Snapshot(point), "u").Key(), Serve.Decide(Serve.Snapshot(point), "u").Reason));
        var random = point with { Blueprints = [new(1, BlueprintJson.Write(Serve.Banner()))] };
        Assert.Equal(Reason.Explore, Serve.Decide(Serve.Snapshot(random), "u").Reason);
    }

    [Fact]
    public void R8_an_experiment_that_cannot_be_served_stops_its_point_alone()
    {
        var broken = Serve.Point(Serve.Banner(), experiments: Serve.Experiment(new("a", double.NaN, null, null, null), new("b", 1, null, null, 99)));
        var snapshot = Serve.Snapshot(broken, Serve.Point(Serve.Banner(), "healthy"));
        Assert.Equal(Reason.DefaultError, Serve.Decide(snapshot, "u").Reason);
        Assert.Equal("experiment.invalid", snapshot.Find("banner")!.Fault!.Code);
        Assert.Equal(Reason.Explore, Serve.Decide(snapshot, "u", key: "healthy").Reason);
    }

    [Fact]
    public void R8_an_experiment_of_which_a_part_is_not_there_stops_its_point_alone()
    {
        var arms = Serve.Experiment(new("a", 1, null, null, null), new("b", 1, null, null, null));
        foreach (var broken in new[] { arms with { Shares = [new(DateTimeOffset.UnixEpoch, default)] }, arms with { Arms = [null!, arms.Arms[1]] }, arms with { Arms = default }, arms with { Testers = [new(null!, 0)] } })
        {
            var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: broken), Serve.Point(Serve.Banner(), "healthy"));
            Assert.Equal((Reason.DefaultError, "none"), (Serve.Decide(snapshot, "u").Reason, Serve.Decide(snapshot, "u").Key()));
            Assert.Equal("experiment.invalid", snapshot.Find("banner")!.Fault!.Code);
            Assert.Equal(Reason.Explore, Serve.Decide(snapshot, "u", key: "healthy").Reason);
        }
    }

    [Fact] // an arm that is another version may be meant to raise an outcome of its own
    public void What_an_arms_version_asks_for_may_be_observed_while_it_runs()
    {
        var other = Serve.Banner() with { Outcomes = [.. Serve.Banner().Outcomes, new("margin", OutcomeKind.Number)] };
        var running = Serve.Experiment(new("a", 1, null, null, null), new("b", 1, null, null, 2));
        var point = Serve.Point(Serve.Banner(), experiments: running) with { Blueprints = [new(1, BlueprintJson.Write(Serve.Banner())), new(2, BlueprintJson.Write(other))] };
        Assert.Equal([new OutcomeUse(point.Id, OutcomeKind.Number, false)], Serve.Snapshot(point).Outcomes.Find("margin"u8, out _).ToArray());
        Assert.Single(Serve.Snapshot(point).Outcomes.Find("purchase"u8, out _).ToArray());
        Assert.True(Serve.Snapshot(point with { Experiments = [running with { IsRunning = false }] }).Outcomes.Find("margin"u8, out _).IsEmpty);
    }
}
