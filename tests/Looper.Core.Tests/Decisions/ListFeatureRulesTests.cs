using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public sealed class ListFeatureRulesTests
{
    private static BlueprintContent With(params Feature[] features) => Sample.Banner with { Features = [.. features] };

    private static Feature Vector(string name, int? dimension) => new(name, FeatureKind.Vector) { Dimension = dimension };

    [Fact]
    public void Tags_and_vectors_can_be_published_and_are_written_and_read()
    {
        var content = With(new("interests", FeatureKind.Tags), Vector("embedding", 64));
        Assert.Empty(BlueprintRules.Check(content));
        var json = BlueprintJson.Write(content);
        Assert.Contains("""{"name":"interests","kind":"tags","description":null""", json, StringComparison.Ordinal); // no dimension where there is none
        Assert.Equal(json, BlueprintJson.Write(BlueprintJson.Read(json).Value!));
        Assert.Contains("dimension: 64", BlueprintYaml.Write(content), StringComparison.Ordinal);
        Assert.Equal(["tags", "vector of 64 numbers"], content.Features.Select(Words.Of));
    }

    public static TheoryData<BlueprintContent, string, string> Faults() => new()
    {
        { With(Vector("e", null)), "features[0].dimension", "1 to 256" },
        { With(Vector("e", 0)), "features[0].dimension", "1 to 256" },
        { With(Vector("e", 257)), "features[0].dimension", "1 to 256" },
        { With(new Feature("e", FeatureKind.Tags) { Dimension = 3 }), "features[0].dimension", "only a vector" },
        { With(new Feature("e[1]", FeatureKind.Number)), "features[0].name", "`[`" },
        { With(Vector("a", 256), Vector("b", 256), Vector("c", 1)), "features", "513 numbers" },
        { With(Vector("a", 64)) with { Policy = new BanditPolicy() }, "policy.kind", "up to 40 numbers" },
        { With([.. Enumerable.Range(0, 64).Select(i => new Feature($"n{i}", FeatureKind.Number))]) with { Policy = new BanditPolicy() }, "policy.kind", "up to 63 features, and here are 64" },
        { With(new("t", FeatureKind.Tags), new("x", FeatureKind.Category) { Derived = new CrossDerivation("t", "t") }), "features[1].derived.of", "`t` is tags" },
        { With(Vector("v", 2), new("x", FeatureKind.Number) { Derived = new LogDerivation("v") }), "features[1].derived.of", "`v` is a vector" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void What_cannot_be_a_list_is_refused_with_field_reason_and_fix(BlueprintContent content, string field, string reason)
    {
        var fault = BlueprintRules.Check(content).First(f => f.Field == field);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vector_of_another_length_is_a_change_that_is_named()
    {
        var change = Assert.Single(BlueprintChanges.Between(With(Vector("e", 64)), With(Vector("e", 32))));
        Assert.Equal(("length of e", "64", "32"), (change.Field, change.Old, change.New));
        Assert.Equal(("type of e", "tags", "vector"), BlueprintChanges.Between(With(new Feature("e", FeatureKind.Tags)), With(Vector("e", 32))).Select(c => (c.Field, c.Old, c.New)).Single());
    }
}
