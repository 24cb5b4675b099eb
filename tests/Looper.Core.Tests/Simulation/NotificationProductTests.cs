using Looper.Core.Decisions;
using Looper.Core.Simulation;
using Looper.Core.Studies;

namespace Looper.Core.Tests.Simulation;

public class NotificationProductTests
{
    private const int Users = 4_000;

    [Fact]
    public void A_user_lives_the_same_two_weeks_every_time() =>
        Assert.Equal(NotificationProduct.User(NotificationPolicy.Present, 3, 17), NotificationProduct.User(NotificationPolicy.Present, 3, 17));

    [Fact] // 24 % of 40,000 users of the present rule opt out
    public void Restraint_keeps_users_and_silence_keeps_all_and_earns_nothing()
    {
        var present = NotificationProduct.Simulate(NotificationPolicy.Present, Users, 99);
        var rested = NotificationProduct.Simulate(NotificationPolicy.Present with { RestWeight = 0.2 }, Users, 99);
        Assert.InRange(present.OptOuts, 0.2, 0.3);
        Assert.True(rested.OptOuts < 0.6 * present.OptOuts, $"{rested.OptOuts} of {present.OptOuts}");
        Assert.Equal(new NotificationFigures(0, 0), NotificationProduct.Simulate(new(1, 0, 0, 0), Users, 99));
    }

    [Fact]
    public void Its_decision_point_and_study_keep_every_rule()
    {
        var content = NotificationDemo.Content();
        Assert.Empty(BlueprintRules.Check(content));
        Assert.Empty(StudyRules.Check(NotificationDemo.Plan(400), content));
        Assert.Equal(NotificationPolicy.Present, NotificationDemo.PolicyOf(content.Default));
    }
}
