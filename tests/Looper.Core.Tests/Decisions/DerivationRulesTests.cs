using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public class DerivationRulesTests
{
    private static BlueprintContent With(params Feature[] derived) => Sample.Banner with { Features = [.. Sample.Banner.Features, new("sentAt", FeatureKind.Time), .. derived] };

    private static Feature Derived(Derivation rule, string name = "x") => new(name, rule.Gives) { Derived = rule };

    [Fact]
    public void Good_ones_pass_and_may_build_on_each_other() => Assert.Empty(BlueprintRules.Check(With(
        Derived(new BucketDerivation("cartValue", [10, 50]), "band"), Derived(new CrossDerivation("country", "band"), "place"), Derived(new LogDerivation("cartValue"), "log"),
        Derived(new RatioDerivation("log", "cartValue"), "ratio"), Derived(new TimePartDerivation("sentAt", TimePart.Month) { Zone = "Europe/Amsterdam" }, "month"))));

    public static TheoryData<string, string> Faults() => new()
    {
        { """{"kind":"bucket","of":"cartValue","edges":[]}""", "features[4].derived.edges" },
        { """{"kind":"bucket","of":"cartValue"}""", "features[4].derived.edges" },
        { """{"kind":"bucket","of":"cartValue","edges":[5,5]}""", "features[4].derived.edges" },
        { """{"kind":"bucket","of":"country","edges":[5]}""", "features[4].derived.of" },
        { """{"kind":"bucket","edges":[5]}""", "features[4].derived.of" },
        { """{"kind":"cross","of":"country","with":"country"}""", "features[4].derived.with" },
        { """{"kind":"cross","of":"country"}""", "features[4].derived.with" },
        { """{"kind":"cross","of":"country","with":"x"}""", "features[4].derived.with" },
        { """{"kind":"ratio","of":"cartValue","over":"later"}""", "features[4].derived.over" },
        { """{"kind":"log","of":"sentAt"}""", "features[4].derived.of" },
        { """{"kind":"time-part","of":"cartValue","part":"hour"}""", "features[4].derived.of" },
        { """{"kind":"time-part","of":"sentAt","part":"hour","zone":"Mars/Olympus"}""", "features[4].derived.zone" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void What_cannot_be_derived_is_refused_with_its_field(string derived, string field)
    {
        var kind = derived.Contains("bucket", StringComparison.Ordinal) || derived.Contains("cross", StringComparison.Ordinal) ? "category" : "number";
        var json = BlueprintJson.Write(With(new Feature("x", FeatureKind.Number), new Feature("later", FeatureKind.Number)))
            .Replace("""{"name":"x","kind":"number","description":null,"costPerThousand":null,"isPersonal":false,"derived":null}""", $$"""{"name":"x","kind":"{{kind}}","derived":{{derived}}}""", StringComparison.Ordinal);
        var content = BlueprintJson.Read(json).Value!;
        Assert.Equal(content.Features[4].Derived!.InWords, BlueprintJson.Read(BlueprintJson.Write(content)).Value!.Features[4].Derived!.InWords); // a draft with a fault can be kept
        Assert.Equal([field], BlueprintRules.Check(content).Select(f => f.Field));
    }

    [Fact]
    public void Its_type_is_that_of_what_the_rule_gives() =>
        Assert.Equal(["features[4].kind"], BlueprintRules.Check(With(new Feature("x", FeatureKind.Number) { Derived = new CrossDerivation("country", "cartValue") })).Select(f => f.Field));

    [Fact]
    public void What_gives_a_personal_value_away_is_personal_too()
    {
        var content = With(Derived(new CrossDerivation("country", "cartValue")));
        content = content with { Features = content.Features.SetItem(0, content.Features[0] with { IsPersonal = true }) };
        Assert.Equal(["features[4].derived.of"], BlueprintRules.Check(content).Select(f => f.Field));
        Assert.Empty(BlueprintRules.Check(content with { Features = content.Features.SetItem(4, content.Features[4] with { IsPersonal = true }) }));
    }

    [Fact]
    public void A_rule_that_changed_stands_in_the_diff()
    {
        var (older, newer) = (With(Derived(new BucketDerivation("cartValue", [10]))), With(Derived(new BucketDerivation("cartValue", [10, 50]))));
        var change = Assert.Single(BlueprintDiff.Between(older, newer).Changes);
        Assert.Equal(("where x comes from", "bucket of cartValue at 10", "bucket of cartValue at 10, 50"), (change.Field, change.Old, change.New));
        Assert.Empty(BlueprintDiff.Between(newer, BlueprintJson.Read(BlueprintJson.Write(newer)).Value!).Changes);
        Assert.Contains("edges:", BlueprintYaml.Write(newer));
    }

    [Fact]
    public void Snippets_send_only_what_the_app_has()
    {
        var call = new Looper.Core.Decisions.Snippets.SnippetCall("http://localhost", "banner", With(Derived(new LogDerivation("cartValue")))).Context;
        Assert.Equal(["country", "cartValue", "device", "sentAt"], call.Select(p => p.Key));
    }
}
