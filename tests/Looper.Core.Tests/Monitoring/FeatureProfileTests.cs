using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Events;
using Looper.Core.Models;
using Looper.Core.Monitoring;
using Looper.Core.Serving;
using Looper.Core.Serving.Candidates;

namespace Looper.Core.Tests.Monitoring;

/// <summary>Figures of small data, checked by hand.</summary>
public sealed class FeatureProfileTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact] // 1 to 40 and two zeros; quartiles by R: quantile(c(0, 0, 1:40)) gives 0, 9.25, 19.5, 29.75, 40; mean 820/42, sd(c(0, 0, 1:40)) = 12.25 by its formula below
    public void Numbers_have_their_quartiles_mean_and_spread_and_what_is_missing_is_left_out()
    {
        var profile = Of(new("age", FeatureKind.Number), [.. Enumerable.Range(1, 40).Append(0).Append(0).Select(v => $"{v}"), "null", "null", "null", "\"old\""]);
        Assert.Equal((46, 3, 1, 42), (profile.Rows, profile.Missing, profile.Unusable, profile.Known));
        Assert.Equal((42 / 46.0, 3 / 46.0, 1 / 46.0), (profile.Coverage, profile.MissingShare, profile.UnusableShare));
        var spread = profile.Numbers!;
        Assert.Equal((0, 9.25, 19.5, 29.75, 40), (spread.Smallest, spread.LowerQuartile, spread.Median, spread.UpperQuartile, spread.Largest));
        Assert.Equal(820 / 42.0, spread.Mean, tolerance: 1e-12);
        Assert.Equal(Math.Sqrt((22_140 - 820 * 820 / 42.0) / 41), spread.StandardDeviation, tolerance: 1e-12); // Σx² = 40·41·81/6
        Assert.Equal((2, 42), (spread.Zeros, spread.Counts.Sum()));
        Assert.Equal((20, 0.0, 40.0), (spread.Counts.Length, spread.Edges[0], spread.Edges[^1]));
        Assert.Equal(3, spread.Counts[0]); // 0, 0 and 1: 2 belongs to the next bar
        Assert.Null(profile.Distinct);
    }

    [Fact]
    public void Categories_have_their_commonest_values_with_shares_of_what_is_known()
    {
        var profile = Of(new("country", FeatureKind.Category), [.. Times(20, "\"NL\""), .. Times(15, "\"DE\""), .. Times(5, "\"FR\""), .. Times(10, "null"), "[]"]);
        Assert.Equal((51, 10, 1, 3), (profile.Rows, profile.Missing, profile.Unusable, profile.Distinct));
        Assert.Equal([new("NL", 20, 0.5), new("DE", 15, 0.375), new("FR", 5, 0.125)], profile.Levels);
        Assert.True(profile.IsDistinctExact && double.IsNaN(profile.YesShare) && profile.Numbers is null);
    }

    [Fact] // 40 rows: 30 with news, 20 of those with sport too, 10 with none
    public void Every_tag_counts_by_the_rows_that_carry_it()
    {
        var profile = Of(new("interests", FeatureKind.Tags), [.. Times(20, """["news","sport","news"]"""), .. Times(10, """["news"]"""), .. Times(10, "[]")]);
        Assert.Equal([new("news", 30, 0.75), new("sport", 20, 0.5)], profile.Levels);
        Assert.Equal((40, 2), (profile.Known, profile.Distinct));
        Assert.Equal((0, 2, 10), (profile.Numbers!.Smallest, profile.Numbers.Largest, profile.Numbers.Zeros));
        Assert.Equal(1.25, profile.Numbers.Mean, tolerance: 1e-12);
    }

    [Fact]
    public void Yes_and_no_times_and_vectors_have_what_is_true_of_them()
    {
        Assert.Equal(0.4, Of(new("loyal", FeatureKind.Boolean), [.. Times(16, "true"), .. Times(24, "false"), "null"]).YesShare, tolerance: 1e-12);
        var times = Of(new("since", FeatureKind.Time), [.. Enumerable.Range(1, 31).Select(day => $"\"2026-10-{day:00}T12:00:00Z\"")]).Times!;
        Assert.Equal((1, 16, 31), (times.Earliest.Day, times.Median.Day, times.Latest.Day));
        var vector = Of(new("embedding", FeatureKind.Vector) { Dimension = 2 }, [.. Times(30, "[3,4]"), "[0,0]", "[1,2,3]"]);
        Assert.Equal((32, 1, 31, 5, 1), (vector.Rows, vector.Unusable, vector.Known, vector.Numbers!.Median, vector.Numbers.Zeros));
    }

    [Fact]
    public void Times_that_an_earlier_Looper_kept_beyond_the_calendar_count_at_its_ends()
    {
        var feature = new Feature("until", FeatureKind.Time);
        var count = new DecisionCount(Content(feature), Start, 10);
        for (var i = 0; i < 31; i++)
        {
            var served = new byte[16];
            var length = ServedRow.WriteNumber(served, i switch { 0 => -62_135_600_400, 30 => 253_402_318_799, _ => 0 });
            count.Add(Decision(1, served[..length]), Content(feature));
        }
        var times = FeatureFigures.Of(count.Context.Features[0], 31, isOfCandidates: false).Times!;
        Assert.Equal((1, 1970, 9999), (times.Earliest.Year, times.Median.Year, times.Latest.Year));
    }

    [Theory, InlineData(29, false), InlineData(30, true)]
    public void Below_thirty_known_values_there_is_no_figure_and_no_zero(int known, bool isShown)
    {
        var profile = Of(new("age", FeatureKind.Number), [.. Enumerable.Range(1, known).Select(v => $"{v}"), "null"]);
        Assert.Equal((isShown, isShown), (profile.HasEnoughValues, profile.Numbers is not null));
        Assert.Equal(known / (known + 1.0), profile.Coverage, tolerance: 1e-12); // 30 rows say how much is missing
        var few = Of(new("country", FeatureKind.Category), Times(29, "\"NL\""));
        Assert.True(double.IsNaN(few.Coverage + few.MissingShare + few.UnusableShare) && few.Distinct is null && few.Levels.IsEmpty);
    }

    [Fact]
    public void Nothing_served_is_nothing_known()
    {
        var profile = Of(new("age", FeatureKind.Number), []);
        Assert.Equal((0, 0, 0), (profile.Rows, profile.Missing, profile.Known));
        Assert.True(double.IsNaN(profile.Coverage) && profile.Numbers is null);
    }

    [Fact]
    public void No_value_of_a_personal_feature_is_told()
    {
        var profile = Of(new("email", FeatureKind.Category) { IsPersonal = true }, [.. Enumerable.Range(0, 40).Select(i => $"\"ann-{i}@example.org\"")]);
        Assert.Equal((40, 1.0), (profile.Distinct, profile.Coverage));
        Assert.Empty(profile.Levels);
        Assert.Null(Of(new("born", FeatureKind.Time) { IsPersonal = true }, Times(30, "\"2001-02-03T00:00:00Z\"")).Times);
        Assert.Null(Of(new("income", FeatureKind.Number) { IsPersonal = true }, Times(30, "7")).Numbers);
    }

    [Fact] // version 1 lacks age, version 2 derives it, version 9 is no match: as for training
    public void A_version_without_the_feature_is_not_asked_and_one_that_cannot_be_compared_is_left_out()
    {
        var now = Content(new("country", FeatureKind.Category), new("age", FeatureKind.Number));
        var versions = new VersionTable(now, [new(1, Content(now.Features[0])), new(2, now), new(9, Content(new Feature("age", FeatureKind.Category)))]);
        var count = new DecisionCount(now, Start, 10);
        foreach (var (version, features, context) in new[] { (1, "country", """{"country":"NL"}"""), (2, "both", """{"country":"NL","age":7}"""), (9, "age", """{"age":"young"}""") })
            count.Add(Decision(version, Served(features == "age" ? [new Feature("age", FeatureKind.Category)] : features == "both" ? [.. now.Features] : [now.Features[0]], context)), versions.Find(version));
        count.Add(Decision(2, []), versions.Find(2)); // a fault served nothing
        Assert.Equal((4, 1), (count.Decisions, count.LeftOut));
        var (country, age) = (FeatureFigures.Of(count.Context.Features[0], count.Context.Rows, false), FeatureFigures.Of(count.Context.Features[1], count.Context.Rows, false));
        Assert.Equal((3, 0, 1), (country.Rows, country.NotAsked, country.Missing));
        Assert.Equal((2, 1, 1), (age.Rows, age.NotAsked, age.Missing));
    }

    [Fact] // 40 decisions of 3 candidates with the prices 1, 2 and none
    public void Candidates_have_figures_of_their_own()
    {
        var counted = Candidates(each: 3);
        Assert.Equal((40, 120, 120), (counted.Decisions, counted.Sent, counted.Candidates.Rows));
        var price = FeatureFigures.Of(counted.Candidates.Features[0], counted.Candidates.Rows, isOfCandidates: true);
        Assert.Equal((120, 40, true), (price.Rows, price.Missing, price.IsOfCandidates));
        Assert.Equal(1.5, price.Numbers!.Mean, tolerance: 1e-12);
        Assert.Equal(2 / 3.0, price.Coverage, tolerance: 1e-12);
        var some = Candidates(each: 2);
        Assert.Equal((120, 80), (some.Sent, some.Candidates.Rows));
        Assert.InRange(FeatureFigures.Of(some.Candidates.Features[0], 80, true).Coverage, 0.55, 0.78); // none of the three is favoured: 2/3
    }

    [Fact] // 10 of the 40 are of levels that the model has no name for; of tags 3 of 4
    public void What_a_model_does_not_tell_apart_is_counted()
    {
        var country = Values(new("country", FeatureKind.Category), [.. Times(30, "\"NL\""), .. Times(10, "\"ES\""), "null"]);
        Assert.Equal(0.25, FeatureFigures.UnknownShare(country, ["NL", "DE"]));
        var tags = Values(new("interests", FeatureKind.Tags), Times(30, """["a","b","c","d"]"""));
        Assert.Equal(0.75, FeatureFigures.UnknownShare(tags, ["a", "x"]));
        Assert.True(double.IsNaN(FeatureFigures.UnknownShare(Values(new("country", FeatureKind.Category), Times(29, "\"NL\"")), [])));
    }

    [Fact]
    public void Bins_stand_beside_each_other_with_the_shares_of_both_sides()
    {
        var number = FeatureFigures.Bins(new("age", [10, 20], [], [50, 25, 20, 5]), [10, 10, 10, 10]);
        Assert.Equal([(double.NaN, 10, 0.5), (10, 20, 0.25), (20, double.NaN, 0.2)], number.Take(3).Select(b => (b.Above, b.UpTo, b.Then)));
        Assert.Equal((ProfileBinKind.Missing, 0.05, 0.25), (number[3].Kind, number[3].Then, number[3].Now));
        var category = FeatureFigures.Bins(new("country", [], ["NL"], [3, 1, 0]), [1, 1, 2]);
        Assert.Equal([(ProfileBinKind.Level, "NL", 0.75, 0.25), (ProfileBinKind.Others, null, 0.25, 0.25), (ProfileBinKind.Missing, null, 0, 0.5)], category.Select(b => (b.Kind, b.Level, b.Then, b.Now)));
    }

    private static FeatureProfile Of(Feature feature, IEnumerable<string> values)
    {
        var read = Values(feature, values);
        return FeatureFigures.Of(read, read.Rows, isOfCandidates: false);
    }

    private static FeatureValues Values(Feature feature, IEnumerable<string> values)
    {
        var count = new DecisionCount(Content(feature), Start, 10);
        foreach (var value in values) count.Add(Decision(1, Served([feature], $$"""{"{{feature.Name}}":{{value}}}""")), Content(feature));
        return count.Context.Features[0];
    }

    private static DecisionCount Candidates(int each)
    {
        var content = Content() with { Shape = DecisionShape.Pick, CandidateFeatures = [new("price", FeatureKind.Number)] };
        var (reader, set, count) = (new CandidateReader(content.CandidateFeatures), new CandidateSet(), new DecisionCount(content, Start, each));
        for (var i = 0; i < 40; i++)
        {
            reader.Read("""[{"id":"a","features":{"price":1}},{"id":"b","features":{"price":2}},{"id":"c"}]"""u8, set);
            count.Add(Decision(1, []) with { Id = $"d-{i}", Candidates = ServedCandidates.Write(set) }, content);
        }
        return count;
    }

    private static IEnumerable<string> Times(int count, string value) => Enumerable.Repeat(value, count);

    private static BlueprintContent Content(params Feature[] features) => new() { Shape = DecisionShape.Choice, Options = [new("a")], Default = "a", Features = [.. features] };

    private static byte[] Served(Feature[] features, string context)
    {
        var workspace = new DecisionWorkspace();
        new ContextReader([.. features]).Read(Encoding.UTF8.GetBytes(context), workspace);
        return workspace.Served.ToArray();
    }

    private static DecisionRecord Decision(int version, byte[] served) => new()
    {
        Id = "d", DecisionPointId = default, Unit = "u", Time = Start, BlueprintVersion = version, Option = 0, Propensity = 1, Reason = Reason.Policy, Served = served,
    };
}
