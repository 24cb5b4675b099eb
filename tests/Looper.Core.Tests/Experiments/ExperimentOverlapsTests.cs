using Looper.Core.Experiments;

namespace Looper.Core.Tests.Experiments;

public class ExperimentOverlapsTests
{
    private static readonly ExperimentPlan Plan = Exposed.Plan(("control", 0.5), ("treatment", 0.5));

    private static UnitOverlap Seen(long seen, long both, double takes = 1, bool here = false, string? layer = null) => new("price-q4", "Prices", "pricing", layer, here, seen, both, takes, 9);

    [Fact] // arithmetic: 460 of 2,000, half of whom it takes; Wilson's limits of 0.23 are 0.21209 and 0.24895
    public void The_share_counts_who_came_to_both_and_what_the_other_takes()
    {
        var overlap = Seen(2_000, 460, 0.5);
        Assert.Equal(0.115, overlap.Share, 1e-12);
        Assert.Equal((0.106, 0.1245), (Math.Round(overlap.Limits.Low, 4), Math.Round(overlap.Limits.High, 4)));
        var item = ExperimentOverlaps.Item(Plan, overlap);
        Assert.Equal((HealthState.Amber, 0.115), (item.State, Math.Round(item.Share!.Value, 12)));
        Assert.StartsWith("About 11.5% [10.6%, 12.4%] of these units are in 'price-q4' on pricing as well: of 2,000 seen here in the last 9 days, 460 came there too, and it takes 50% of them.", item.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void What_to_do_depends_on_layer_and_design()
    {
        Assert.Contains("put this one into its exclusive layer 'checkout'", ExperimentOverlaps.Item(Plan, Seen(2_000, 460, layer: "checkout")).Fix, StringComparison.Ordinal);
        Assert.Contains("the report then tests whether the effects depend on each other", ExperimentOverlaps.Item(Plan, Seen(2_000, 460)).Fix, StringComparison.Ordinal);
        Assert.Contains("the report cannot test", ExperimentOverlaps.Item(Plan with { Cluster = "company" }, Seen(2_000, 460)).Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void Few_shared_units_are_green_and_too_few_seen_are_not_called_none()
    {
        Assert.Equal((HealthState.Green, null), (ExperimentOverlaps.Item(Plan, Seen(2_000, 20)).State, ExperimentOverlaps.Item(Plan, Seen(2_000, 20)).Fix));
        Assert.Equal(HealthState.Amber, ExperimentOverlaps.Item(Plan, Seen(2_000, 20, here: true)).State);
        var few = ExperimentOverlaps.Item(Plan, Seen(43, 0));
        Assert.Equal((HealthState.Unknown, null), (few.State, few.Share));
        Assert.Contains("43 of 100 units", few.Sentence, StringComparison.Ordinal);
    }
}
