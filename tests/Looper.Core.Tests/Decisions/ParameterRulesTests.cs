using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public class ParameterRulesTests
{
    [Theory]
    [InlineData("""{"threshold":1.5,"perDay":3,"mode":"calm"}""", "`threshold` must lie between 0 and 1, and is 1.5")]
    [InlineData("""{"threshold":0.5,"perDay":2.5,"mode":"calm"}""", "`perDay` must be a whole number")]
    [InlineData("""{"threshold":0.5,"perDay":3,"mode":"wild"}""", "`mode` must be one of calm, eager")]
    [InlineData("""{"threshold":"0.5","perDay":3,"mode":"calm"}""", "`threshold` must be a number")]
    [InlineData("""{"threshold":0.5,"perDay":3}""", "`mode` is missing")]
    [InlineData("""{"threshold":0.5,"perDay":3,"mode":"calm","colour":1}""", "there is no parameter `colour`")]
    [InlineData("""{"threshold":0.5,"threshold":0.6,"perDay":3,"mode":"calm"}""", "it is no JSON object")]
    [InlineData("0.5", "it is no JSON object")]
    [InlineData("{", "it is no JSON object")]
    public void A_configuration_has_an_allowed_value_for_every_parameter(string text, string why)
    {
        foreach (var (field, content) in ((string, BlueprintContent)[])
            [("default", Sample.Settings with { Default = text }), ("policy.option", Sample.Settings with { Policy = new FixedPolicy(text) }), ("rollout.baseline", Sample.Settings with { Rollout = new() { Baseline = text } })])
        {
            var fault = Assert.Single(BlueprintRules.Check(content));
            Assert.Equal(field, fault.Field);
            Assert.Contains(why, fault.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Parameters_that_mean_nothing_are_named()
    {
        IEnumerable<string> Fields(params ConfigurationParameter[] parameters) =>
            BlueprintRules.Check(Sample.Settings with { Parameters = [.. parameters] }).Select(f => f.Field!).Where(f => f.StartsWith("parameters", StringComparison.Ordinal));
        Assert.Equal(["parameters"], Fields());
        Assert.Equal(["parameters[0].low"], Fields(new ConfigurationParameter("a") { Low = 1, High = 0.5 }));
        Assert.Equal(["parameters[0].low"], Fields(new ConfigurationParameter("a") { Low = 0, High = double.NaN }));
        Assert.Equal(["parameters[0].low"], Fields(new ConfigurationParameter("a", ConfigurationKind.Whole) { Low = 0.5, High = 3 }));
        Assert.Equal(["parameters[0].log"], Fields(new ConfigurationParameter("a") { Low = 0, High = 3, Log = true }));
        Assert.Equal(["parameters[0].values"], Fields(new ConfigurationParameter("a", ConfigurationKind.Category) { Values = ["x", "x"] }));
        Assert.Equal(["parameters[0].kind"], Fields(new ConfigurationParameter("a", (ConfigurationKind)9)));
        Assert.Equal(["parameters[0].name", "parameters[2].name"], Fields(new("1st"), new("b"), new("b")));
        Assert.Equal(["parameters"], Fields([.. Enumerable.Range(0, 21).Select(i => new ConfigurationParameter($"p{i}"))]));
        Assert.Equal("parameters", Assert.Single(BlueprintRules.Check(Sample.Tip with { Parameters = [new("a")] })).Field);
        Assert.Equal("policy.kind", Assert.Single(BlueprintRules.Check(Sample.Settings with { Policy = new RandomPolicy() })).Field);
    }

    [Fact]
    public void Values_are_kept_in_one_form_and_said_in_words()
    {
        var parsed = Configuration.Parse("""{ "mode": "calm", "perDay": 3.0, "threshold": 5e-1 }""", Sample.Settings.Parameters, out _)!;
        Assert.Equal(Sample.Settings.Default, parsed.Text);
        Assert.Equal("mode = calm, perDay = 3, threshold = 0.5", Configuration.InWords(parsed.Text));
        Assert.Equal("free-shipping", Configuration.InWords("free-shipping"));
        Assert.Contains("for threshold, perDay and mode", BlueprintSummary.Paragraph("rule", Sample.Settings), StringComparison.Ordinal);
        var changed = Sample.Settings with { Parameters = Sample.Settings.Parameters.SetItem(0, new("threshold") { Low = 0, High = 2 }) };
        Assert.Equal(("parameter threshold", "number from 0 to 1", "number from 0 to 2"), BlueprintDiff.Fields(Sample.Settings, changed) is [var c] ? (c.Field, c.Old, c.New) : default);
    }
}
