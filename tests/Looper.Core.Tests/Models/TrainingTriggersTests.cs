using Looper.Core.Blueprints;
using Looper.Core.Models;

namespace Looper.Core.Tests.Models;

public sealed class TrainingTriggersTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly TrainingPlan Plan = new() { FirstModelAt = 1_000, RetrainEvery = TimeSpan.FromDays(1) };

    [Theory]
    [InlineData(999, null)]
    [InlineData(1_000, "enough outcomes")]
    public void The_first_training_waits_for_enough_closed_examples(long closed, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan, Now, hasLive: false, trainedAt: null, tried: 0, closed)?.Why);

    [Theory]
    [InlineData(1_499, null)]
    [InlineData(1_500, "enough outcomes")]
    public void A_training_that_made_nothing_live_is_tried_again_with_half_as_much_data_more(long closed, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan, Now, hasLive: false, trainedAt: Now.AddHours(-1), tried: 1_000, closed)?.Why);

    [Theory]
    [InlineData(23, 5_000, null)]
    [InlineData(24, 5_000, "schedule")]
    [InlineData(24, 4_000, null)] // nothing new to learn from
    public void A_live_model_is_renewed_on_schedule_when_there_is_new_data(int hours, long closed, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan, Now, hasLive: true, Now.AddHours(-hours), tried: 4_000, closed)?.Why);

    [Theory]
    [InlineData(4_499, null)]
    [InlineData(4_500, "enough new outcomes")]
    public void A_live_model_is_renewed_when_enough_outcomes_have_come_since(long closed, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan with { RetrainAfter = 500 }, Now, hasLive: true, Now.AddHours(-1), tried: 4_000, closed)?.Why);

    [Fact]
    public void Switched_off_nothing_is_trained_unasked() =>
        Assert.Null(TrainingTriggers.Due(Plan with { IsOn = false, RetrainAfter = 20 }, Now, hasLive: true, Now.AddDays(-9), tried: 20, 1_000_000));

    [Fact]
    public void Zero_switches_training_off() =>
        Assert.Null(TrainingTriggers.Due(Plan with { FirstModelAt = 0 }, Now, hasLive: false, null, 0, 1_000_000));
}
