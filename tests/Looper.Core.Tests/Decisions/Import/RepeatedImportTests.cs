using System.Collections.Immutable;
using System.Text;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Testing;

namespace Looper.Core.Tests.Decisions.Import;

/// <summary>What is imported again, after the blueprint or the mapping has become another one, is told from what is new, and goes where it belongs.</summary>
public sealed class RepeatedImportTests : IAsyncDisposable
{
    private const string Csv = "user,shown,cartValue,purchase,revenue,bought\nanna,none,1,0,5,1\nben,ten-percent,2,1,7,0\n";

    private static readonly ImportMapping s_mapping = new() { DecisionPoint = "banner", Option = "shown", Unit = "user" };
    private static readonly ImportMapping s_past = s_mapping with { Propensity = "uniform", Experiment = new("past", "Past") };

    // Options in another order, one more of them, a feature more, and an outcome less.
    private static readonly BlueprintContent s_later = Sample.Banner with
    {
        Options = [new("gift"), new("none"), new("ten-percent"), new("free-shipping")],
        Features = [new("seen", FeatureKind.Number), .. Sample.Banner.Features],
        Outcomes = [.. Sample.Banner.Outcomes.Where(o => o.Name != "refund")],
        Goal = Sample.Banner.Goal with { Guardrails = [] },
    };

    private readonly TestDatabase _database = TestDatabase.CreateAsync(services: s => s.AddEvents().AddRuns().AddDecisions()).GetAwaiter().GetResult();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task The_same_file_under_a_later_version_of_the_blueprint_changes_nothing()
    {
        await PublishAsync(Sample.Banner);
        await ImportAsync(Csv);
        await PublishAsync(s_later);
        var again = (await ImportAsync(Csv)).Value.Result;
        Assert.Equal((2, 0, 2, 0, 4), (again.Rows, again.Stored, again.Replayed, again.Refused, again.OutcomesReplayed));
        var longer = (await ImportAsync(Csv + "carl,gift,3,1,1,1\n")).Value.Result;
        Assert.Equal((1, 2, 0), (longer.Stored, longer.Replayed, longer.Refused));
        Assert.Equal([("anna", 1), ("ben", 1), ("carl", 2)], (await DecisionsAsync()).Select(d => (d.Unit, d.BlueprintVersion)).Order());
        await PublishAsync(s_later with { Policy = new RandomPolicy() });
        Assert.Equal((0, 3, 0), await ImportAsync(Csv + "carl,gift,3,1,1,1\n") is { Value.Result: var all } ? (all.Stored, all.Replayed, all.Refused) : default);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_row_that_has_changed_since_is_the_same_decision_where_the_file_names_units_and_times(bool underLaterVersion)
    {
        var (header, mapping) = ("user,when,shown,cartValue,purchase,revenue,note\n", s_mapping with { Time = "when" });
        async Task<(long, long, long, long, long)> AgainAsync(string row) => await ImportAsync(header + row, mapping) is { Value.Result: var r } ? (r.Stored, r.Replayed, r.Refused, r.Outcomes, r.OutcomesReplayed) : default;
        await PublishAsync(Sample.Banner);
        Assert.Equal((1, 0, 0, 1, 0), await AgainAsync("anna,2026-01-05,none,3,0,,first\n"));
        if (underLaterVersion) await PublishAsync(s_later);
        Assert.Equal((0, 1, 0, 1, 1), await AgainAsync("anna,2026-01-05,none,3,0,,second\n"));
        Assert.Equal((0, 1, 0, 2, 0), await AgainAsync("anna,2026-01-05,none,3,0,5,\n"));
        Assert.Equal((0, 0, 1, 0, 0), await AgainAsync("anna,2026-01-05,none,3,1,5,\n"));
        Assert.Contains("or with other outcomes", (await ImportAsync(header + "anna,2026-01-05,none,3,1,5,\n", mapping)).Value.Result.Faults[0].Reason, StringComparison.Ordinal);
        Assert.Equal("anna", Assert.Single(await DecisionsAsync()).Unit);
        foreach (var other in (string[])["ben,2026-01-05,none,3,0,,", "anna,2026-01-06,none,3,0,,", "anna,2026-01-05,ten-percent,3,0,,", "anna,2026-01-05,none,4,0,,"])
            Assert.Equal((1, 0, 0, 1, 0), await AgainAsync(other + "\n"));
        Assert.Equal(5, (await DecisionsAsync()).Count);
    }

    [Fact] // rows of two files may be alike
    public async Task Without_units_and_times_a_row_with_another_cell_is_another_decision()
    {
        await PublishAsync(Sample.Banner);
        await ImportAsync(Csv);
        Assert.Equal((1, 1), await ImportAsync(Csv.Replace("1,7,0", "1,8,0")) is { Value.Result: var r } ? (r.Stored, r.Replayed) : default);
    }

    [Fact]
    public async Task Another_mapping_is_other_content_under_a_later_version_too()
    {
        await PublishAsync(Sample.Banner);
        await ImportAsync(Csv);
        await PublishAsync(s_later);
        var other = (await ImportAsync(Csv, s_mapping with { Propensity = "uniform" })).Value.Result;
        Assert.Equal((0, 0, 2), (other.Stored, other.Replayed, other.Refused));
        Assert.Contains("imported before with another mapping", other.Faults[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outcomes_from_another_column_than_before_are_refused_and_not_passed_over()
    {
        await PublishAsync(Sample.Banner);
        await ImportAsync(Csv);
        var other = (await ImportAsync(Csv, s_mapping with { Outcomes = ImmutableSortedDictionary<string, string>.Empty.Add("purchase", "bought") })).Value.Result;
        Assert.Equal((0, 0, 2, 0), (other.Stored, other.Replayed, other.Refused, other.Outcomes));
        Assert.Contains("imported before with another mapping", other.Faults[0].Reason, StringComparison.Ordinal);
        var more = (await ImportAsync(Csv, s_mapping with { Outcomes = ImmutableSortedDictionary<string, string>.Empty.Add("refund", "bought") })).Value.Result;
        Assert.Equal((2, 0, 2, 0), (more.Replayed, more.Refused, more.Outcomes, more.OutcomesReplayed));
    }

    [Fact]
    public async Task A_second_file_of_a_past_experiment_goes_into_the_arms_that_are_there()
    {
        await PublishAsync(Sample.Banner);
        var experiment = (await ImportAsync(Csv, s_past)).Value.Experiment!;
        await SaveAsync(experiment);
        Assert.Equal(["none", "free-shipping", "ten-percent"], ExperimentJson.ReadPlan(experiment.Plan).Arms.Select(a => a.Option));
        await PublishAsync(s_later);
        var second = await ImportAsync("user,shown,purchase\ncarl,ten-percent,1\ndora,none,1\nemil,gift,1\n", s_past);
        Assert.Equal((2, 1), (second.Value.Result.Stored, second.Value.Result.Refused));
        Assert.Contains("`gift` is no arm of the past experiment", second.Value.Result.Faults[0].Reason, StringComparison.Ordinal);
        Assert.Null(second.Value.Experiment);
        Assert.Equal([("anna", 0), ("ben", 2), ("carl", 2), ("dora", 0)], (await DecisionsAsync()).Where(d => d.ExperimentId == experiment.Id).Select(d => (d.Unit, d.Arm)).Order());
    }

    [Fact]
    public async Task A_second_file_of_a_past_experiment_cannot_compare_with_another_baseline()
    {
        await PublishAsync(Sample.Banner);
        await SaveAsync((await ImportAsync(Csv, s_past)).Value.Experiment!);
        Assert.Null((await ImportAsync(Csv, s_past with { Experiment = new("past", "Past", "none") })).Refusal);
        var refusal = (await ImportAsync("user,shown,purchase\ncarl,ten-percent,1\n", s_past with { Experiment = new("past", "Past", "ten-percent") })).Refusal!;
        Assert.Equal("experiment.baseline", refusal.Field);
        Assert.Contains("`past` is there from an earlier file, and compares with `none`", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_past_experiment_reaches_over_the_rows_of_every_file()
    {
        await PublishAsync(Sample.Banner);
        var timed = s_past with { Time = "when" };
        var experiment = (await ImportAsync("user,when,shown,purchase\nanna,2025-03-02,none,1\n", timed)).Value.Experiment!;
        await SaveAsync(experiment);
        foreach (var (day, from, until) in new[] { ("2025-03-05", 2, 5), ("2025-03-01", 1, 5), ("2025-03-03", 1, 5) })
        {
            var result = (await ImportAsync($"user,when,shown,purchase\nben,{day},none,1\n", timed)).Value.Result;
            await using var db = await _database.Databases.CreateDbContextAsync(TestContext.Current.CancellationToken);
            await Importer.ExtendAsync(db, timed, result, TestContext.Current.CancellationToken);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            var there = (await db.Set<Experiment>().FindAsync([experiment.Id], TestContext.Current.CancellationToken))!;
            Assert.Equal((from, until), (there.StartedAt!.Value.Day, there.StoppedAt!.Value.Day));
        }
    }

    [Fact]
    public async Task A_time_from_before_there_were_products_to_measure_is_a_mistake()
    {
        await PublishAsync(Sample.Banner);
        var result = (await ImportAsync("when,shown,purchase\n0001-01-01T00:00:00Z,none,1\n1970-01-01T00:00:00Z,none,1\n", s_mapping with { Unit = null, Time = "when" })).Value.Result;
        Assert.Equal((1, 1), (result.Stored, result.Refused));
        Assert.Equal((2L, "time"), (result.Faults[0].Line, result.Faults[0].Field));
        Assert.Contains("1970", result.Faults[0].Reason, StringComparison.Ordinal);
    }

    private async Task PublishAsync(BlueprintContent content)
    {
        var drafts = _database.Get<DraftActions>();
        var points = await _database.Get<DecisionPointQueries>().ListAsync(Caller.System, default);
        var draft = await drafts.CreateAsync(Caller.System, points.Count == 0 ? new(Key: "banner", Name: "Banner", Content: content) : new(DecisionPoint: "banner", Content: content), default);
        Assert.Null((await drafts.PublishAsync(Caller.System, draft.Value!.Id, null, null, default)).Refusal);
    }

    private async Task<Answered<(ImportResult Result, Experiment? Experiment)>> ImportAsync(string csv, ImportMapping? mapping = null) =>
        await _database.Get<Importer>().RunAsync(mapping ?? s_mapping, new MemoryStream(Encoding.UTF8.GetBytes(csv)), Guid.Parse("018f0000-0000-7000-8000-000000000001"), "test", null, _ => { }, default);

    private async Task SaveAsync(Experiment experiment)
    {
        await using var db = await _database.Databases.CreateDbContextAsync();
        db.Add(experiment);
        await db.SaveChangesAsync();
    }

    private async Task<IReadOnlyList<DecisionRecord>> DecisionsAsync()
    {
        var point = await _database.Get<DecisionPointQueries>().FindAsync(Caller.System, "banner", default);
        return (await _database.Get<EventReader>().DecisionsAsync(new(point!.Id), null, 100, default)).Items;
    }
}
