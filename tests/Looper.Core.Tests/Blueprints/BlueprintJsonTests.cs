using Looper.Core.Blueprints;
using Looper.Core.Tests.Decisions;

namespace Looper.Core.Tests.Blueprints;

public class BlueprintJsonTests
{
    [Fact]
    public void Canonical_text_is_pinned_because_hashes_rest_on_it()
    {
        const string text = """
            {"shape":"binary","unitName":"user","options":[],"default":"false","range":null,"parameters":[],"features":[],"candidateFeatures":[],"outcomes":[{"name":"clicked","kind":"boolean","description":null,"better":"higher","window":"1d","aggregation":"any","absent":0,"unitOfMeasure":null}],"goal":{"terms":[{"outcome":"clicked","weight":1}],"guardrails":[]},"policy":{"kind":"random","weights":[0.3,0.7]},"rollout":{"share":1,"holdout":0,"baseline":null},"training":{"firstModelAt":1000,"retrainEvery":"1d","promoteAutomatically":true,"isOn":true,"retrainAfter":null,"retrainOnDrift":true,"family":"auto","searchSeconds":30,"settings":{"rounds":null,"leaves":null,"learningRate":null,"minLeafRows":null,"l1":null,"l2":null,"featureFraction":null,"rowFraction":null},"objectives":[],"selection":{"isOn":false,"tolerance":0.002,"pinned":[]},"gate":{"freshFor":"14d","notWorse":0.005,"calibrationError":0.05,"scoringMicroseconds":1000,"shadowDecisions":500}},"durable":false}
            """;
        Assert.Equal(text, BlueprintJson.Write(Sample.Tip));
        // printf %s "$text" | sha256sum
        Assert.Equal("e3b60fb5ffe00a58f3f9813ca96093648fa5e7e6074239e3f19d81a0b7b6b346", BlueprintJson.Hash(text));
    }

    [Fact]
    public void Reading_what_was_written_gives_the_same_bytes()
    {
        foreach (var content in new[] { Sample.Banner, Sample.Tip, Sample.Delivery, Sample.Settings, Sample.Feed })
        {
            var text = BlueprintJson.Write(content);
            Assert.Equal(text, BlueprintJson.Write(BlueprintJson.Stored(text)));
        }
    }

    [Fact]
    public void The_order_of_fields_in_a_request_does_not_change_the_hash()
    {
        var other = BlueprintJson.Read("""{ "policy": { "option": "none", "kind": "fixed" }, "default": "none", "shape": "choice", "options": [ { "key": "none" }, { "key": "a" } ] }""");
        var one = new BlueprintContent { Shape = DecisionShape.Choice, Default = "none", Options = [new("none"), new("a")], Policy = new FixedPolicy("none") };
        Assert.Equal(BlueprintJson.Write(one), BlueprintJson.Write(other.Value!));
    }

    [Theory]
    [InlineData("""{"shape":"choice","default":"a","colour":"red"}""", "colour")]
    [InlineData("""{"shape":"choice","default":"a","outcomes":[{"name":"x","kind":"boolean","window":7}]}""", "outcomes[0].window")]
    [InlineData("""{"shape":"choice","default":"a","outcomes":[{"name":"x","kind":"boolean","window":"soon"}]}""", "outcomes[0].window")]
    [InlineData("""{"shape":"order","default":"a"}""", "shape")]
    [InlineData("""{"shape":0,"default":"a"}""", "shape")]
    [InlineData("""{"shape":"choice","default":"a","goal":null}""", "goal")]
    [InlineData("""{"shape":"choice","default":"a","default":"b"}""", "default")]
    [InlineData("""{"shape":"choice","default":"a","rollout":{"share":"1"}}""", "rollout.share")]
    [InlineData("""{"shape":"choice","default":"a","policy":{"kind":"oracle"}}""", "policy")]
    [InlineData("""{"shape":"choice","default":"a","rollout":{"share":NaN}}""", null)]
    [InlineData("null", null)]
    public void What_is_no_blueprint_is_refused_with_the_path(string json, string? field)
    {
        var refusal = BlueprintJson.Read(json).Refusal;
        Assert.Equal("blueprint.malformed", refusal?.Code);
        if (field is not null) Assert.StartsWith(field, refusal!.Field);
    }

    [Theory]
    [InlineData("7d", 7 * 24 * 60)]
    [InlineData("36h", 36 * 60)]
    [InlineData("90m", 90)]
    [InlineData("120s", 2)]
    [InlineData("7.00:00:00", 7 * 24 * 60)]
    public void Durations_are_read_as_people_write_them(string text, double minutes)
    {
        Assert.True(DurationJson.TryParse(text, out var span));
        Assert.Equal(minutes, span.TotalMinutes);
        Assert.True(DurationJson.TryParse(DurationJson.Text(span), out var again));
        Assert.Equal(span, again);
    }

    [Theory, InlineData(""), InlineData("d"), InlineData("7"), InlineData("1.5d"), InlineData("99999999999999d"), InlineData("P7D")]
    public void Other_durations_are_not(string text) => Assert.False(DurationJson.TryParse(text, out _));
}
