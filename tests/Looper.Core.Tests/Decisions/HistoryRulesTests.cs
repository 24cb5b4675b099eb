using System.Text.RegularExpressions;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public partial class HistoryRulesTests
{
    private static BlueprintContent With(params Feature[] features) => Sample.Banner with { Features = [.. Sample.Banner.Features, .. features] };

    private static Feature History(string name, string of, HistoryAggregate aggregate = HistoryAggregate.Count, int days = 7) =>
        new(name, FeatureKind.Number) { Derived = new HistoryDerivation(of, aggregate, TimeSpan.FromDays(days)) };

    private static string Outcome => Sample.Banner.Outcomes[0].Name;

    [Fact]
    public void Each_of_the_four_passes_and_comes_back_from_its_text()
    {
        var content = With([.. Enum.GetValues<HistoryAggregate>().Select(a => History($"{a}", Outcome, a))]);
        Assert.Empty(BlueprintRules.Check(content));
        var json = BlueprintJson.Write(content);
        Assert.Contains($$"""{"kind":"history","aggregate":"recency","window":"7d","of":"{{Outcome}}"}""", json, StringComparison.Ordinal);
        Assert.Equal(json, BlueprintJson.Write(BlueprintJson.Read(json).Value!));
    }

    [Theory]
    [InlineData("""{"kind":"history","of":"nothing","aggregate":"count","window":"7d"}""", "derived.of")]
    [InlineData("""{"kind":"history","aggregate":"count","window":"7d"}""", "derived.of")]
    [InlineData("""{"kind":"history","of":"OUTCOME","aggregate":"count","window":"30s"}""", "derived.window")]
    [InlineData("""{"kind":"history","of":"OUTCOME","aggregate":"count","window":"181d"}""", "derived.window")]
    [InlineData("""{"kind":"history","of":"OUTCOME","aggregate":"count"}""", "derived.window")]
    public void What_cannot_be_looked_back_on_is_refused_with_its_field(string derived, string field)
    {
        var json = Derived().Replace(BlueprintJson.Write(With(History("x", Outcome))), "\"derived\":" + derived.Replace("OUTCOME", Outcome, StringComparison.Ordinal));
        Assert.Equal([$"features[{Sample.Banner.Features.Length}].{field}"], BlueprintRules.Check(BlueprintJson.Read(json).Value!).Select(f => f.Field));
    }

    [Fact]
    public void An_aggregate_that_is_unknown_is_refused_with_its_path()
    {
        var refused = BlueprintJson.Read(BlueprintJson.Write(With(History("x", Outcome))).Replace("\"aggregate\":\"count\"", "\"aggregate\":\"median\"", StringComparison.Ordinal)).Refusal!;
        Assert.EndsWith("derived.aggregate", refused.Field, StringComparison.Ordinal);
    }

    [Fact]
    public void A_candidate_has_no_history_and_too_many_are_refused_once()
    {
        var picks = Sample.Banner with { Shape = DecisionShape.Pick, Options = [], Default = DecisionShapes.AsSent, Rollout = new(), Features = [], CandidateFeatures = [History("x", Outcome)] };
        Assert.Contains("candidateFeatures[0].derived.kind", BlueprintRules.Check(picks).Select(f => f.Field));
        Assert.Single(BlueprintRules.Check(With([.. Enumerable.Range(0, 40).Select(i => History($"h{i}", Outcome))])));
    }

    [GeneratedRegex("\"derived\":\\{[^}]*\\}")]
    private static partial Regex Derived();
}
