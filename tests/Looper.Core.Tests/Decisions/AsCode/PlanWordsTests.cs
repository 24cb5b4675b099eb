using Looper.Core.Decisions;
using Looper.Core.Decisions.AsCode;

namespace Looper.Core.Tests.Decisions.AsCode;

public sealed class PlanWordsTests
{
    private static readonly BlueprintChange s_renamed = new(BlueprintChanges.Decides, "name", "A", "B", "");

    [Theory]
    [InlineData(PlannedAction.Publish, "Go back to the version before, under Blueprint of the decision point.")]
    [InlineData(PlannedAction.Describe, "Change it back under Settings of the decision point.")]
    [InlineData(PlannedAction.Create, "Archive it.")]
    [InlineData(PlannedAction.Unchanged, "")]
    public void The_way_back_is_that_of_what_was_done(PlannedAction action, string says) => Assert.Equal(says, PlanWords.WayBack(new([Point(action)])));

    [Fact]
    public void The_ways_back_of_several_say_which_is_whose() => Assert.Equal(
        "Where a version is published: go back to the version before, under Blueprint of the decision point. Where a name changes: change it back under Settings of the decision point.",
        PlanWords.WayBack(new([Point(PlannedAction.Publish) with { Changes = [s_renamed] }, Point(PlannedAction.Unchanged)])));

    [Theory, InlineData(PlannedAction.Publish, true), InlineData(PlannedAction.Create, true), InlineData(PlannedAction.Describe, false), InlineData(PlannedAction.Unchanged, false)]
    public void A_version_that_was_made_outdates_the_file(PlannedAction action, bool outdates) => Assert.Equal(outdates, PlanWords.Outdates([PlannedAction.Unchanged, action]));

    private static PlannedPoint Point(PlannedAction action) => new() { DecisionPoint = "banner", Action = action, Version = 1, Becomes = 2, InWords = "" };
}
