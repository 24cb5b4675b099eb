using Looper.Core.Policies;

namespace Looper.Core.Tests.Policies;

/// <summary>When a launch came out as was foretold.</summary>
public class ObservedLiftTests
{
    private static Estimated Of(double value, double half) => new(value, half / 1.959963985, value - half, value + half);

    [Theory]
    [InlineData(-0.3, 0.6, null)] // could be a loss of a half or a gain of a third: it could hardly have come out otherwise
    [InlineData(0.15, 0.1, true)]
    [InlineData(0.15, 0.25, null)]
    [InlineData(-0.1, 0.1, false)]
    [InlineData(-1, 0.6, false)] // wide, and yet too far away
    public void An_observation_that_could_tell_nothing_is_undecided(double observed, double half, bool? said) =>
        Assert.Equal(said, ObservedLift.Agree(Of(observed, half), Of(0.2, 0.08)));

    [Fact] // foretold: nothing, more or less
    public void A_prediction_near_none_is_held_against_its_own_interval()
    {
        Assert.True(ObservedLift.Agree(Of(0.03, 0.05), Of(0.01, 0.06)));
        Assert.Null(ObservedLift.Agree(Of(0.03, 0.2), Of(0.01, 0.06)));
        Assert.Null(ObservedLift.Agree(Estimated.Undefined, Of(0.01, 0.06)));
    }
}
