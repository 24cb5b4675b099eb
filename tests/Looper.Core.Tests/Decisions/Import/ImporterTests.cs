using System.Text;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.Import;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Models;
using Looper.Core.Runs;
using Looper.Core.Serving;
using Looper.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Decisions.Import;

public class ImporterTests
{
    private static readonly ImportMapping s_mapping = new() { DecisionPoint = "banner", Option = "shown" };

    private static Task<TestDatabase> WithBannerAsync() => WithContentAsync(Sample.Banner);

    private static async Task<TestDatabase> WithContentAsync(BlueprintContent content)
    {
        var database = await TestDatabase.CreateAsync(services: s => s.AddEvents().AddRuns().AddDecisions());
        var draft = await database.Get<DraftActions>().CreateAsync(Caller.System, new(Key: "banner", Name: "Banner", Content: content), default);
        var published = await database.Get<DraftActions>().PublishAsync(Caller.System, draft.Value!.Id, null, null, default);
        Assert.Null(published.Refusal);
        return database;
    }

    private static async Task<Answered<(ImportResult Result, Experiment? Experiment)>> ImportAsync(TestDatabase database, string csv, ImportMapping? mapping = null) =>
        await database.Get<Importer>().RunAsync(mapping ?? s_mapping, new MemoryStream(Encoding.UTF8.GetBytes(csv)), Guid.Parse("018f0000-0000-7000-8000-000000000001"), "test", null, _ => { }, default);

    [Fact]
    public async Task Rows_become_imported_decisions_and_observations_exactly()
    {
        await using var database = await WithBannerAsync();
        var imported = await ImportAsync(database,
            "user,when,shown,chance,country,cartValue,device.mobile,purchase,revenue\nanna,2026-01-05T10:00:00Z,ten-percent,0.25,NL,83.5,true,1,24.90\nben,1767610800,none,,,,0,0,\n",
            s_mapping with { Unit = "user", Time = "when", Propensity = "chance" });
        Assert.Null(imported.Refusal);
        var result = imported.Value.Result;
        Assert.Equal((2, 2, 0, 0, 3), (result.Rows, result.Stored, result.Replayed, result.Refused, result.Outcomes));
        var point = await database.Get<DecisionPointQueries>().FindAsync(Caller.System, "banner", default);
        var page = await database.Get<EventReader>().DecisionsAsync(new(point!.Id), null, 10, default);
        var anna = page.Items.Single(d => d.Unit == "anna");
        Assert.Equal((1, 0.25, RecordMarks.Imported, 1), (anna.Option, anna.Propensity, anna.Marks, anna.BlueprintVersion));
        Assert.Equal(new DateTimeOffset(2026, 1, 5, 10, 0, 0, TimeSpan.Zero), anna.Time);
        var reader = new ServedRowReader(anna.Served.Span);
        Assert.True(reader.Read() && reader.TextString == "NL" && reader.Read() && reader.Number == 83.5 && reader.Read() && reader.Kind == ServedKind.True && !reader.Read());
        var ben = page.Items.Single(d => d.Unit == "ben");
        Assert.True(double.IsNaN(ben.Propensity));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1767610800), ben.Time);
        var trail = await database.Get<EventReader>().FindTrailAsync(anna.Id, default);
        Assert.Equal([("purchase", 1.0), ("revenue", 24.9)], trail!.Observations.Select(o => (o.Outcome, o.Value)).Order());
    }

    [Fact] // 24,9 without quotes is two cells: revenue must not become 24
    public async Task A_row_whose_cells_have_moved_is_refused_and_the_others_go_in()
    {
        await using var database = await WithBannerAsync();
        var result = (await ImportAsync(database, "shown,revenue,country\nnone,24,9,NL\nnone,24.9,NL\nnone,1\n")).Value.Result;
        Assert.Equal((3, 1, 2), (result.Rows, result.Stored, result.Refused));
        Assert.Equal([(2L, "row"), (4L, "row")], result.Faults.Select(f => (f.Line, f.Field)));
        Assert.Contains("4 cells where the header has 3", result.Faults[0].Reason, StringComparison.Ordinal);
    }

    [Theory, InlineData("shown,revenue,revenue\nnone,1,2\n", "two columns `revenue`"), InlineData("shown,revenue,country\nnone,1,\"NL\nnone,1,DE\nnone,1,DE\n", "opens in line 2")]
    public async Task A_file_that_can_be_read_in_two_ways_is_refused(string csv, string says)
    {
        await using var database = await WithBannerAsync();
        Assert.Contains(says, (await ImportAsync(database, csv)).Refusal!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tags_and_vectors_stand_in_a_cell_as_an_array_or_between_bars()
    {
        await using var database = await WithContentAsync(Sample.Banner with { Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 2 }] });
        var many = string.Join('|', Enumerable.Range(0, 101));
        var result = (await ImportAsync(database,
            "shown,interests,embedding,purchase\nnone,sport|news|sport,0.5|-1,1\nnone,\"[\"\"a|b\"\"]\",\"[1e-3, 2]\",0\nnone,,,1\nnone,[x],,1\nnone,,1|2|3,1\nnone,,a|b,1\n" + $"none,{many},,1\n")).Value.Result;
        Assert.Equal((7, 3, 4), (result.Rows, result.Stored, result.Refused));
        Assert.Equal(
            [(5L, "features.interests"), (6L, "features.embedding"), (7L, "features.embedding"), (8L, "features.interests")], result.Faults.Select(f => (f.Line, f.Field)));
        Assert.Contains("no list of 2 numbers", result.Faults[1].Reason);
        var point = await database.Get<DecisionPointQueries>().FindAsync(Caller.System, "banner", default);
        var page = await database.Get<EventReader>().DecisionsAsync(new(point!.Id), null, 10, default);
        Assert.Equal(["[\"a|b\"] [0.001, 2]", "[\"news\", \"sport\"] [0.5, -1]", "missing"], page.Items.Select(d =>
        {
            var reader = new ServedRowReader(d.Served.Span);
            reader.Read();
            if (reader.Kind == ServedKind.Missing) return "missing";
            var tags = ListText.Of(reader);
            reader.Read();
            return $"{tags} {ListText.Of(reader)}";
        }).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_list_with_half_a_character_costs_its_row_alone()
    {
        await using var database = await WithContentAsync(Sample.Banner with { Features = [new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 1 }] });
        var result = (await ImportAsync(database, """
            shown,interests,embedding,purchase
            none,"[""\ud83d""]",,1
            none,,"[""\ud83d""]",1
            none,"[""\ud83d\ude00""]",,1

            """)).Value.Result;
        Assert.Equal((3, 1, 2), (result.Rows, result.Stored, result.Refused));
        Assert.Equal([(2L, "features.interests"), (3L, "features.embedding")], result.Faults.Select(f => (f.Line, f.Field)));
    }

    [Fact] // the last ones of these cannot be reached from 1970 in seconds that a double holds
    public async Task A_time_outside_the_years_1_to_9999_costs_its_row_and_the_last_moment_of_9999_does_not()
    {
        await using var database = await WithContentAsync(Sample.Banner with { Features = [new("until", FeatureKind.Time)] });
        var result = (await ImportAsync(database,
            "shown,until,purchase\nnone,9999-12-31T23:59:59.9999999Z,1\nnone,9999-12-31T23:59:59-05:00,1\nnone,0001-01-01T00:00:00+01:00,1\nnone,0001-01-01T00:00:00Z,1\n")).Value.Result;
        Assert.Equal((4, 2, 2), (result.Rows, result.Stored, result.Refused));
        Assert.Equal([(3L, "features.until"), (4L, "features.until")], result.Faults.Select(f => (f.Line, f.Field)));
        var point = await database.Get<DecisionPointQueries>().FindAsync(Caller.System, "banner", default);
        var page = await database.Get<EventReader>().DecisionsAsync(new(point!.Id), null, 10, default);
        Assert.Equal([-62_135_596_800, 253_402_300_799], page.Items.Select(d =>
        {
            var reader = new ServedRowReader(d.Served.Span);
            return reader.Read() ? reader.Number : double.NaN;
        }).Order());
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing_and_a_longer_one_continues()
    {
        await using var database = await WithBannerAsync();
        const string csv = "shown,cartValue,purchase\nnone,1,0\nnone,2,1\n";
        await ImportAsync(database, csv);
        var again = (await ImportAsync(database, csv)).Value.Result;
        Assert.Equal((0, 2), (again.Stored, again.Replayed));
        var longer = (await ImportAsync(database, csv + "ten-percent,3,1\n")).Value.Result;
        Assert.Equal((1, 2), (longer.Stored, longer.Replayed));
        var point = await database.Get<DecisionPointQueries>().FindAsync(Caller.System, "banner", default);
        Assert.Equal(3, (await database.Get<EventReader>().DecisionsAsync(new(point!.Id), null, 10, default)).Items.Count);
        var other = (await ImportAsync(database, csv, s_mapping with { Propensity = "uniform" })).Value.Result;
        Assert.Equal((0, 2), (other.Stored, other.Refused));
        Assert.Contains("imported before with another mapping", other.Faults[0].Reason);
    }

    [Fact]
    public async Task Bad_rows_are_counted_and_the_first_twenty_named_with_line_field_and_fix()
    {
        await using var database = await WithBannerAsync();
        var bad = string.Concat(Enumerable.Range(0, 30).Select(_ => "gold,NL,1,true,1,1,,0.5\n"));
        var result = (await ImportAsync(database,
            "shown,country,cartValue,device.mobile,purchase,revenue,when,chance\n"
            + "none,NL,x,true,1,1,,0.5\n" + "none,NL,1,maybe,1,1,,0.5\n" + "none,NL,1,true,2,1,,0.5\n" + "none,NL,1,true,1,1e999,,0.5\n"
            + "nine,NL,1,true,1,1,,0.5\n" + ",NL,1,true,1,1,,0.5\n" + "none,NL,1,true,1,1,,1.5\n" + "none,NL,1,true,1,1,,0.5\n" + bad,
            s_mapping with { Propensity = "chance" })).Value.Result;
        Assert.Equal((38, 1, 37), (result.Rows, result.Stored, result.Refused));
        Assert.Equal(20, result.Faults.Length);
        Assert.Equal(
            ["Line 2, features.cartValue", "Line 3, features.device.mobile", "Line 4, outcomes.purchase", "Line 5, outcomes.revenue", "Line 6, option", "Line 7, option", "Line 8, propensity"],
            result.Faults.Take(7).Select(f => f.ToString().Split(':')[0]));
        Assert.Contains("Did you mean `none`?", result.Faults[4].Reason);
        Assert.Equal(37, result.Reasons.Sum(r => r.Rows));
        Assert.Equal(("option", 30L), (result.Reasons[0].Field, result.Reasons[0].Rows));
        Assert.Equal(Enumerable.Range(10, 10).Select(l => (long)l), result.Reasons[0].Lines);
        Assert.DoesNotContain("gold", result.Reasons[0].Reason, StringComparison.Ordinal);
        Assert.All(result.Faults, f => Assert.Matches(@"\. .+[.?]$|\.$", f.Reason));
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "option", "the file has no column `shown`. Its columns are a, b.")]
    [InlineData("shown,b\nnone,2\n", "outcomes", "no column named like an outcome")]
    [InlineData("", "file", "it has no header line")]
    [InlineData("shown,purchase\n", "file", "nothing after its header line")]
    public async Task A_file_that_does_not_fit_is_refused_before_anything_is_written(string csv, string field, string reason)
    {
        await using var database = await WithBannerAsync();
        var refusal = (await ImportAsync(database, csv)).Refusal;
        Assert.Equal(("import.invalid", field), (refusal?.Code, refusal?.Field));
        Assert.Contains(reason, refusal!.Reason);
    }

    [Fact]
    public async Task A_mapping_names_all_its_faults_at_once()
    {
        await using var database = await WithBannerAsync();
        var refusal = (await ImportAsync(database, "shown,purchase\nnone,1\n", new()
        {
            DecisionPoint = "banner", Option = "shown", Unit = "who", Features = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("colour", "shown"),
            Experiment = new("past", "Past", "gold"),
        })).Refusal;
        Assert.Equal(["unit", "features.colour", "experiment.baseline", "experiment"], refusal!.Faults.Select(f => f.Field));
    }

    [Fact]
    public async Task A_past_experiment_has_the_options_as_arms_and_reads_every_unit()
    {
        await using var database = await WithBannerAsync();
        var imported = await ImportAsync(database, "shown,purchase,revenue\nnone,0,0\nten-percent,1,20\nten-percent,0,0\nfree-shipping,1,30\n",
            s_mapping with { Propensity = "uniform", Experiment = new("past", "Past banners") });
        var (result, experiment) = imported.Value;
        Assert.True(experiment!.IsImported);
        var plan = ExperimentJson.ReadPlan(experiment.Plan);
        Assert.Equal(["none", "free-shipping", "ten-percent"], plan.Arms.Select(a => a.Key));
        Assert.Equal((1, "purchase"), (plan.BlueprintVersion, plan.PrimaryOutcome));
        Assert.True(experiment.StartedAt == result.From && experiment.StoppedAt == result.Until);
        List<(int Arm, double Purchase, double Revenue)> units = [];
        await foreach (var unit in database.Get<ExposureReader>().ReadAsync(new(experiment.DecisionPointId, experiment.Id, Sample.Banner.Outcomes), default))
            units.Add((unit.Decision.Arm, unit.Values[0], unit.Values[1]));
        Assert.Equal([(0, 0, 0), (1, 1, 30), (2, 0, 0), (2, 1, 20)], units.Order());
    }
}
