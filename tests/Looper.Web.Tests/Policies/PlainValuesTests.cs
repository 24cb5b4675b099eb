using Looper.Core.Policies;
using Looper.Web.Console.Policies;

namespace Looper.Web.Tests.Policies;

/// <summary>What a value says to those who read no intervals.</summary>
public class PlainValuesTests
{
    private static PolicyEvaluationResult Result(Estimated change, bool lowerIsBetter = false) => new()
    {
        DecisionPoint = "banner", Title = "Draft", Policy = "random", Reward = "revenue", NotUsed = new(0, 0, 0, 0), Served = new(0.01, 0.01, -0.01, 0.03), Change = change, LowerIsBetter = lowerIsBetter,
    };

    [Fact] // what was served is too near to 0 to divide by
    public void A_clear_change_is_said_where_it_is_no_fraction_of_anything()
    {
        var gain = new Estimated(0.5, 0.05, 0.4, 0.6);
        Assert.StartsWith("Better", ValueWords.Plainly(Result(gain)), StringComparison.Ordinal);
        Assert.StartsWith("Worse", ValueWords.Plainly(Result(gain, lowerIsBetter: true)), StringComparison.Ordinal);
        Assert.Contains("cannot tell", ValueWords.Plainly(Result(new(0.1, 0.2, -0.3, 0.5))), StringComparison.Ordinal);
        Assert.Contains("cannot tell", ValueWords.Plainly(Result(Estimated.Undefined)), StringComparison.Ordinal);
    }
}
