using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>Who takes part: audience, layers and testers.</summary>
public sealed class ExperimentDesignServingTests
{
    private static ExperimentSource Halves(string key = "test", long salt = 7) =>
        Serve.Experiment(new("a", 0.5, "none", null, null), new("b", 0.5, "ten-percent", null, null)) with { Key = key, Salt = salt };

    private static bool TakesPart(ExperimentSource experiment, string context) =>
        Serve.Decide(Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: experiment)), "user-1", context: context).Experiment is not null;

    [Theory]
    [InlineData("country", AudienceRule.Is, "NL", """{"country":"NL"}""", true)]
    [InlineData("country", AudienceRule.Is, "NL", """{"country":"N\u004c"}""", true)]
    [InlineData("country", AudienceRule.Is, "NL", """{"country":"BE"}""", false)]
    [InlineData("country", AudienceRule.Is, "NL", "{}", false)]
    [InlineData("country", AudienceRule.IsNot, "NL", """{"country":"NL"}""", false)]
    [InlineData("country", AudienceRule.IsNot, "NL", "{}", true)]
    [InlineData("cartValue", AudienceRule.AtLeast, "50", """{"cartValue":50}""", true)]
    [InlineData("cartValue", AudienceRule.AtLeast, "50", """{"cartValue":49.99}""", false)]
    [InlineData("cartValue", AudienceRule.Below, "50", """{"cartValue":50}""", false)]
    [InlineData("cartValue", AudienceRule.Below, "50", "{}", false)]
    [InlineData("isMember", AudienceRule.Is, "yes", """{"isMember":true}""", true)]
    [InlineData("isMember", AudienceRule.Is, "no", """{"isMember":true}""", false)]
    [InlineData("device.os", AudienceRule.Is, "ios", """{"device":{"os":"ios"}}""", true)]
    public void An_audience_is_judged_on_the_context(string feature, AudienceRule rule, string value, string context, bool expected) =>
        Assert.Equal(expected, TakesPart(Halves() with { Audience = [new(feature, rule, value)] }, context));

    [Fact]
    public void All_conditions_must_hold()
    {
        var experiment = Halves() with { Audience = [new("country", AudienceRule.Is, "NL"), new("isMember", AudienceRule.Is, "yes")] };
        Assert.True(TakesPart(experiment, """{"country":"NL","isMember":true}"""));
        Assert.False(TakesPart(experiment, """{"country":"NL","isMember":false}"""));
    }

    [Fact]
    public void Experiments_of_one_layer_never_share_a_unit_on_any_decision_point()
    {
        var first = Halves("first", 1) with { Layer = "checkout", LayerFrom = 0, Traffic = 0.4 };
        var second = Halves("second", 2) with { Layer = "checkout", LayerFrom = 0.4, Traffic = 0.6 };
        var snapshot = Serve.Snapshot(Serve.Point(Serve.Banner(), "banner", first), Serve.Point(Serve.Banner(), "other", second));
        const int n = 20_000;
        int inFirst = 0, inSecond = 0;
        for (var i = 0; i < n; i++)
        {
            var one = Serve.Decide(snapshot, $"user-{i}").Experiment is not null;
            var other = Serve.Decide(snapshot, $"user-{i}", key: "other").Experiment is not null;
            Assert.True(one != other, $"user-{i} is in {(one ? "both" : "neither")}");
            if (one) inFirst++;
            if (other) inSecond++;
        }
        Assert.Equal(0.4, inFirst / (double)n, 4 * Math.Sqrt(0.24 / n));
        Assert.Equal(n, inFirst + inSecond);
    }

    [Fact]
    public void A_unit_keeps_its_arm_while_traffic_rises()
    {
        var small = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: Halves() with { Traffic = 0.05 })).Points[0].Experiments[0];
        var large = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: Halves() with { Traffic = 0.5 })).Points[0].Experiments[0];
        for (var i = 0; i < 5_000; i++)
        {
            var unit = Serve.Utf8($"user-{i}");
            if (small.ArmOf(unit) is >= 0 and var arm) Assert.Equal(arm, large.ArmOf(unit));
        }
    }

    [Fact]
    public void A_tester_gets_its_arm_past_lot_audience_and_holdout_and_is_marked()
    {
        var content = Serve.Banner() with { Rollout = new() { Holdout = 0.9 } };
        var experiment = Halves() with
        {
            Traffic = 0.01, Holdout = 0.9, Audience = [new("country", AudienceRule.Is, "NL")], Testers = [new("anna", 0), new("bert", 1)],
        };
        var snapshot = Serve.Snapshot(Serve.Point(content, experiments: experiment));
        for (var i = 0; i < 20; i++)
        {
            var (anna, bert) = (Serve.Decide(snapshot, "anna", $"d{i}"), Serve.Decide(snapshot, "bert", $"d{i}"));
            Assert.Equal(("none", 0, Reason.Override, 1.0), (anna.Key(), anna.Arm, anna.Reason, anna.Propensity));
            Assert.Equal(("ten-percent", 1, Reason.Override, 1.0), (bert.Key(), bert.Arm, bert.Reason, bert.Propensity));
        }
        Assert.NotEqual(Reason.Override, Serve.Decide(snapshot, "carl").Reason);
    }

    [Fact]
    public void An_audience_that_asks_for_a_feature_that_is_gone_is_a_fault_that_says_so()
    {
        var point = Serve.Snapshot(Serve.Point(Serve.Banner(), experiments: Halves() with { Audience = [new("gone", AudienceRule.Is, "x")] })).Points[0];
        Assert.Contains("'gone'", point.Fault!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_takes_part_survives_the_disk()
    {
        var experiment = Halves() with { Audience = [new("country", AudienceRule.IsNot, "NL")], Testers = [new("anna", 1)], Layer = "checkout", LayerFrom = 0.25, Traffic = 0.5 };
        var source = new SnapshotSource(DateTimeOffset.UnixEpoch, [Serve.Point(Serve.Banner(), experiments: experiment)]);
        var read = SnapshotCodec.Read(SnapshotCodec.Write(source)).Value!.Points[0].Experiments[0];
        Assert.Equal(experiment.Audience, read.Audience);
        Assert.Equal(experiment.Testers, read.Testers);
        Assert.Equal(("checkout", 0.25), (read.Layer, read.LayerFrom));
    }
}
