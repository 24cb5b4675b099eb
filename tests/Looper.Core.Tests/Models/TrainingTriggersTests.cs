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
    public void The_first_training_waits_for_enough_closed_decisions(long fresh, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan, Now, hasLive: false, trainedAt: null, had: 0, fresh));

    [Theory]
    [InlineData(499, null)]
    [InlineData(500, "enough outcomes")]
    public void A_training_that_made_nothing_live_is_tried_again_with_half_as_much_data_more(long fresh, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan, Now, hasLive: false, trainedAt: Now.AddHours(-1), had: 1_000, fresh));

    [Fact] // a goal whose decisions began after the last training waits as the first did
    public void What_was_tried_on_decisions_that_do_not_count_is_tried_again_as_the_first_was()
    {
        Assert.Null(TrainingTriggers.Due(Plan, Now, hasLive: false, Now.AddHours(-1), had: 0, fresh: 999));
        Assert.Equal("enough outcomes", TrainingTriggers.Due(Plan, Now, hasLive: false, Now.AddHours(-1), had: 0, fresh: 1_000));
    }

    [Theory]
    [InlineData(23, 1_000, null)]
    [InlineData(24, 1_000, "schedule")]
    [InlineData(24, 0, null)] // nothing new to learn from
    public void A_live_model_is_renewed_on_schedule_when_there_is_new_data(int hours, long fresh, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan, Now, hasLive: true, Now.AddHours(-hours), had: 4_000, fresh));

    [Theory]
    [InlineData(499, null)]
    [InlineData(500, "enough new outcomes")]
    public void A_live_model_is_renewed_when_enough_outcomes_have_come_since(long fresh, string? why) =>
        Assert.Equal(why, TrainingTriggers.Due(Plan with { RetrainAfter = 500 }, Now, hasLive: true, Now.AddHours(-1), had: 4_000, fresh));

    [Theory] // removed, or aged away: what is there may be less than the first model needed
    [InlineData(0)]
    [InlineData(1_000)]
    public void A_live_model_is_renewed_whatever_the_first_one_waits_for(int firstModelAt) =>
        Assert.Equal("schedule", TrainingTriggers.Due(Plan with { FirstModelAt = firstModelAt }, Now, hasLive: true, Now.AddDays(-2), had: 0, fresh: 10));

    [Fact]
    public void Switched_off_nothing_is_trained_unasked() =>
        Assert.Null(TrainingTriggers.Due(Plan with { IsOn = false, RetrainAfter = 20 }, Now, hasLive: true, Now.AddDays(-9), had: 20, fresh: 1_000_000));

    [Fact]
    public void Zero_leaves_the_first_training_to_a_person() =>
        Assert.Null(TrainingTriggers.Due(Plan with { FirstModelAt = 0 }, Now, hasLive: false, Now.AddDays(-2), had: 0, fresh: 1_000_000));
}
