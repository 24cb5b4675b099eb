using Looper.Core.Personalization;
using Looper.Web.Console.Experiments;

namespace Looper.Web.Tests.Console;

/// <summary>What the page says where few units carry an average.</summary>
public sealed class ThinEffectsTests
{
    [Theory, InlineData(0.12, true), InlineData(0.03, false)]
    public async Task Units_with_next_to_no_chance_of_an_arm_are_named_beside_the_average_of_the_others(double share, bool said)
    {
        var effects = new ArmEffects
        {
            Arm = "new", Verdict = "No sign that the effect differs.", Average = new(0.031, -0.1, 0.16), Judged = 600, ExtremeShare = share, Overlapping = new(0.012, 0.004, 0.02),
            Curve = [new(0.5, 0.01, 0, 0.02), new(1, 0.03, 0, 0.06)],
        };
        var content = new EffectContent
        {
            Settings = new()
            {
                Input = new(Guid.Empty, "bought", "auto", 1), Experiment = "first", DecisionPoint = "banner", BlueprintVersion = 1, DataUntil = DateTimeOffset.UnixEpoch, Definition = "bought per unit",
                IsRate = true, LowerIsBetter = false, Propensities = "the probabilities that the file gave", Features = ["x"],
            },
            Arms = [new("old", "always a", "a", 0.5, 500, 0, 0, 0.1), new("new", "always b", "b", 0.5, 500, 0, 0, 0.13)],
            Effects = [effects],
        };
        var page = await Rendering.OfAsync<EffectFindings>("http://localhost/", ("Content", content), ("Effects", effects));
        Assert.Equal(said, page.Contains("12% of the units had next to no chance of one of the arms.", StringComparison.Ordinal));
        Assert.Equal(said, page.Contains("both arms were likely: +1.2 pp [+0.4 pp, +2.0 pp]", StringComparison.Ordinal));
    }
}
