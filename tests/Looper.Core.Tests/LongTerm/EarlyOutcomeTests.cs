using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.LongTerm;
using Looper.Core.Personalization;
using Looper.Core.Serving;
using Looper.Core.Tests.Experiments;

namespace Looper.Core.Tests.LongTerm;

public class EarlyOutcomeTests
{
    private static readonly Outcome s_clicks = new("clicks", OutcomeKind.Count) { Window = TimeSpan.FromDays(1), Aggregation = Aggregation.Sum };
    private static readonly Outcome s_revenue = new("revenue", OutcomeKind.Number) { Window = TimeSpan.FromDays(60), Aggregation = Aggregation.Sum };
    private static readonly BlueprintContent s_blueprint = Exposed.Blueprint(s_clicks, s_revenue) with { Features = [new("x", FeatureKind.Number)] };

    private static (EffectMetric Metric, MetricSpecs Specs) Find(string key, params Metric[] metrics)
    {
        var specs = MetricSpecs.Of(Exposed.Plan(("a", 0.5), ("b", 0.5)) with { Metrics = [.. metrics] }, key, s_blueprint);
        return (EffectMetric.Of(specs, key, s_blueprint).Single(m => m.Key == key), specs);
    }

    private static string[] Names(string key, TimeSpan by, params Metric[] metrics) => Find(key, metrics) is var (metric, specs) ? [.. EarlyOutcome.Of(metric, specs, s_blueprint, by).Select(e => e.Name)] : [];

    [Fact]
    public void Every_outcome_is_taken_as_far_as_it_has_come()
    {
        Assert.Equal(["clicks (sum) within 1d", "revenue (sum) within 7d"], Names("revenue", TimeSpan.FromDays(7)));
        Assert.Equal(["clicks (sum) within 12h", "revenue (sum) within 12h"], Names("revenue", TimeSpan.FromHours(12)));
        Metric visits = new() { Key = "visits", Kind = MetricKind.Count, Outcome = "clicks", Window = TimeSpan.FromDays(40) };
        Assert.Equal(["clicks (sum) within 1d", "revenue (sum) within 7d", "number of clicks within 7d"], Names("visits", TimeSpan.FromDays(7), visits));
        Metric back = new() { Key = "back", Kind = MetricKind.Retention, Outcome = "clicks", From = TimeSpan.FromDays(20), Window = TimeSpan.FromDays(10) };
        Assert.Equal(["clicks (sum) within 1d", "revenue (sum) within 7d"], Names("back", TimeSpan.FromDays(7), back)); // nothing of it has begun by then
    }

    [Fact] // a version that waited a day for revenue knows of no sixty
    public void Units_of_a_version_that_defined_the_metric_otherwise_are_left_out_and_an_early_outcome_that_it_lacked_is_missing()
    {
        var (metric, specs) = Find("revenue");
        var versions = new Dictionary<int, BlueprintContent>
        {
            [1] = s_blueprint with { Outcomes = [s_clicks, s_revenue with { Window = TimeSpan.FromDays(1) }] }, [2] = s_blueprint with { Outcomes = [s_revenue] }, [3] = s_blueprint,
        };
        var reading = new LongTermReading(metric, specs, EarlyOutcome.Of(metric, specs, s_blueprint, TimeSpan.FromDays(7)), versions, 3);
        ExposedUnit Unit(int version) => Exposed.Unit(1, [3, 60, 3, 7], Exposed.Served(1), version: version);
        Assert.Equal([false, true, true, false], new[] { 1, 2, 3, 4 }.Select(v => reading.Takes(Unit(v).Decision)));
        Assert.Equal([3, 7, 60], reading.Values(Unit(3)));
        Assert.Equal([double.NaN, 7, 60], reading.Values(Unit(2)));
        var units = new LongTermUnits(reading, 100);
        foreach (var version in new[] { 1, 2, 3, 4 }) units.AddExposed(Unit(version), 2);
        units.AddExposed(Exposed.Unit(1, [3, 60, 3, 7], Exposed.Served(1), closed: false, version: 3), 2);
        units.AddExposed(Exposed.Unit(1, [3, 60, 3, 7], Exposed.Served(1), reason: Reason.Override, version: 3), 2);
        units.AddExposed(Exposed.Unit(2, [3, 60, 3, 7], Exposed.Served(1), version: 3), 2); // an arm that it does not have
        Assert.Equal((2, 1, 4), (units.All.Count, units.Waiting, units.LeftOut));
    }

    [Fact] // what becomes of other people says nothing of those that it is for
    public void The_past_is_of_the_experiments_audience()
    {
        var (metric, specs) = Find("revenue");
        var reading = new LongTermReading(metric, specs, EarlyOutcome.Of(metric, specs, s_blueprint, TimeSpan.FromDays(7)), new Dictionary<int, BlueprintContent> { [1] = s_blueprint }, 1);
        var (units, audience) = (new LongTermUnits(reading, 100), reading.Filters([new("x", FilterRule.AtLeast, "5")]));
        units.AddPast(Exposed.Unit(-1, [3, 60, 3, 7], Exposed.Served(4)), audience);
        units.AddPast(Exposed.Unit(-1, [3, 60, 3, 7], Exposed.Served(6)), audience);
        units.AddPast(Exposed.Unit(-1, [3, 60, 3, 7], Exposed.Served(6), reason: Reason.Override), audience);
        units.AddPast(Exposed.Unit(-1, [3, double.NaN, 3, 7], Exposed.Served(6)), audience);
        Assert.Equal((1, 3), (units.All.Count, units.LeftOut));
    }

    [Theory, InlineData(60 * 24 * 60, 15 * 24 * 60), InlineData(4 * 24 * 60, 24 * 60), InlineData(24 * 60, 6 * 60), InlineData(60, 15), InlineData(2, 1)]
    public void A_quarter_of_the_time_is_early(int window, int early) => Assert.Equal(TimeSpan.FromMinutes(early), LongTermActions.Quarter(TimeSpan.FromMinutes(window)));
}
