using Looper.Core.LongTerm;
using Looper.Core.Personalization;
using Looper.Web.Console.Experiments;

namespace Looper.Web.Tests.Console.Experiments;

/// <summary>An amount stands with its unit, and no unit stands behind nothing.</summary>
public sealed class AmountTests
{
    private static readonly Guid s_id = Guid.CreateVersion7();

    [Fact]
    public async Task The_arms_of_effects()
    {
        var content = new EffectContent
        {
            Settings = new()
            {
                Input = new(s_id, "revenue", "auto", 1), Experiment = "first", DecisionPoint = "banner", BlueprintVersion = 1, DataUntil = default, Definition = "revenue per unit",
                IsRate = false, LowerIsBetter = false, UnitOfMeasure = "EUR", Propensities = "the shares that the plan gave the arms", Features = [],
            },
            Arms = [new("a", "always a", "a", 0.5, 10, 0, 0, 12.5), new("b", "always b", "b", 0.5, 0, 0, 0, double.NaN)],
            Effects = [],
        };
        var html = await Rendering.OfAsync<EffectSources>(parameters: [("View", new EffectView(s_id, s_id, s_id, default, "test", content))]);
        Assert.Contains("12.5 EUR", html, StringComparison.Ordinal);
        Assert.DoesNotContain("— EUR", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_arms_of_a_prediction()
    {
        var content = new LongTermContent
        {
            Settings = new()
            {
                Input = new(s_id, "revenue", TimeSpan.FromDays(7), 1), Experiment = "first", DecisionPoint = "banner", BlueprintVersion = 1, DataUntil = default, Definition = "revenue per unit",
                IsRate = false, LowerIsBetter = false, UnitOfMeasure = "EUR", Window = TimeSpan.FromDays(90), Features = [], Early = [],
            },
            History = new(default, default, 100, 1, 0.5, 0.1),
            Arms = [new("a", "always a", 10, 0, 12.5, double.NaN), new("b", "always b", 10, 3, 13.5, 11.25)],
            Effects = [],
        };
        var html = await Rendering.OfAsync<LongTermSources>(parameters: [("View", new LongTermView(s_id, s_id, s_id, default, "test", content))]);
        Assert.Contains("12.5 EUR", html, StringComparison.Ordinal);
        Assert.Contains("11.25 EUR", html, StringComparison.Ordinal);
        Assert.DoesNotContain("— EUR", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12.5, false, "EUR", "12.5 [11.5, 13.5] EUR")]
    [InlineData(double.NaN, false, "EUR", "—")]
    [InlineData(12.5, false, null, "12.5 [11.5, 13.5]")]
    public void The_value_of_a_rule(double value, bool isRate, string? unit, string written) =>
        Assert.Equal(written, PolicyFromEffects.Value(new(value, value - 1, value + 1), isRate, unit));
}
