using System.Net;
using Looper.Core.Access;
using Looper.Core.Blueprints;

namespace Looper.Web.Tests.Api.Personalizer;

public sealed class PersonalizerEventTests(PersonalizerApp looper) : IClassFixture<PersonalizerApp>
{
    private const string Events = "/personalizer/v1.0/events/", Invalid = "InvalidRewardRequest";

    [Theory, InlineData("0.7", 0.7), InlineData("-1", -1.0), InlineData("1e0", 1.0)]
    public async Task A_reward_is_the_outcome_of_the_goal(string value, double expected)
    {
        await RankAsync("rewarded" + value);
        using var answer = await looper.Client.SendAsync($"{Events}rewarded{value}/reward", $$"""{"value":{{value}}}""");
        Assert.Equal((HttpStatusCode.NoContent, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        var seen = (await looper.Events.FindTrailAsync("offers:rewarded" + value, default))!.Observations.Single();
        Assert.Equal(("reward", expected), (seen.Outcome, seen.Value));
    }

    [Fact]
    public async Task The_same_reward_twice_counts_once_and_another_counts_beside_it()
    {
        await RankAsync("again");
        foreach (var (value, replayed) in new[] { ("0.5", false), ("0.5", true), ("0.25", false) })
        {
            using var answer = await looper.Client.SendAsync(Events + "again/reward", $$"""{"value":{{value}}}""");
            Assert.Equal((HttpStatusCode.NoContent, replayed), (answer.StatusCode, answer.Headers.Contains("Idempotent-Replayed")));
        }
        Assert.Equal([0.25, 0.5], (await looper.Events.FindTrailAsync("offers:again", default))!.Observations.Select(o => o.Value).Order());
    }

    [Theory]
    [InlineData("e/1")]
    [InlineData("e%2F1")]
    [InlineData("ä 1?#")]
    [InlineData("personalizer")]
    public async Task An_event_is_found_by_its_id_whatever_is_in_it(string id)
    {
        await RankAsync(id);
        using var answer = await looper.Client.SendAsync($"{Events}{Uri.EscapeDataString(id)}/reward", """{"value":1}""");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Single((await looper.Events.FindTrailAsync("offers:" + id, default))!.Observations);
    }

    [Fact]
    public async Task An_event_with_a_long_id_is_found_and_no_other()
    {
        var (one, other) = (new string('l', 255) + "1", new string('l', 255) + "2");
        await RankAsync(one);
        using var activated = await looper.Client.PostAsync($"{Events}{one}/activate", null);
        using var none = await looper.Client.PostAsync($"{Events}{other}/activate", null);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound), (activated.StatusCode, none.StatusCode));
    }

    [Fact]
    public async Task An_event_that_is_there_is_active_and_one_that_is_not_is_unknown()
    {
        await RankAsync("shown");
        using var activated = await looper.Client.PostAsync(Events + "shown/activate", null);
        Assert.Equal((HttpStatusCode.NoContent, ""), (activated.StatusCode, await activated.Content.ReadAsStringAsync()));
        using var unknown = await looper.Client.PostAsync(Events + "never/activate", null);
        var error = await PersonalizerApp.ErrorAsync(unknown, HttpStatusCode.NotFound, "ResourceNotFound", "event.unknown");
        Assert.Equal("eventId", (string?)error["target"]);
        using var elsewhere = await looper.Everywhere.PostAsync("/personalizer/clicks/personalizer/v1.0/events/shown/activate", null);
        await PersonalizerApp.ErrorAsync(elsewhere, HttpStatusCode.NotFound, "ResourceNotFound", "event.unknown");
    }

    [Fact]
    public async Task A_limited_key_rewards_only_events_that_are_there_and_another_may_come_first()
    {
        using var unknown = await looper.Client.SendAsync(Events + "early/reward", """{"value":1}""");
        var error = await PersonalizerApp.ErrorAsync(unknown, HttpStatusCode.NotFound, "ResourceNotFound", "event.unknown");
        Assert.Contains("There is no event 'early' of 'offers'", (string)error["message"]!, StringComparison.Ordinal);
        using var early = await looper.Everywhere.SendAsync("/personalizer/offers/personalizer/v1.0/events/early/reward", """{"value":1}""");
        Assert.Equal(HttpStatusCode.NoContent, early.StatusCode);
        await RankAsync("early");
        Assert.Single((await looper.Events.FindTrailAsync("offers:early", default))!.Observations);
    }

    [Theory]
    [InlineData("offers", "{}", "value", "request.invalid", "this is missing")]
    [InlineData("offers", "1", null, "request.invalid", "A reward call is an object")]
    [InlineData("offers", "", null, "request.malformed", "it breaks off")]
    [InlineData("offers", """{"value":"1"}""", "value", "request.invalid", "this must be a number")]
    [InlineData("offers", """{"value":1e60}""", "value", "request.invalid", "between -1e50 and 1e50")]
    [InlineData("clicks", """{"value":0.5}""", "value", "request.invalid", "this must be true, false, 1 or 0, because a reward of 'clicks' is its outcome 'clicked'")]
    [InlineData("weighed", """{"value":1}""", null, "goal.unfit", "weighs 2 outcomes (reward, clicked)")]
    [InlineData("fewer", """{"value":1}""", null, "goal.unfit", "wants less of 'complaints'")]
    public async Task A_reward_that_cannot_be_told_is_refused_with_what_helps(string point, string body, string? field, string code, string says)
    {
        using var refused = await looper.Everywhere.SendAsync($"/personalizer/{point}/personalizer/v1.0/events/e/reward", body);
        var error = await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.BadRequest, Invalid, code);
        Assert.Equal(field, (string?)error["target"]);
        Assert.Contains(says, (string)error["message"]!, StringComparison.Ordinal);
        Assert.Null(await looper.Events.FindTrailAsync($"{point}:e", default));
    }

    [Fact]
    public async Task A_reward_is_of_the_goal_of_the_version_that_decided()
    {
        const string at = "/personalizer/moved/personalizer/v1.0/";
        await looper.App.PublishAsync("moved", PersonalizerApp.Pick);
        await looper.Everywhere.OkAsync(at + "rank", """{"actions":[{"id":"a"}],"eventId":"before"}""");
        await looper.App.PublishAsync("moved", PersonalizerApp.Pick with { Goal = new() { Terms = [new("clicked")] } });
        await looper.Everywhere.OkAsync(at + "rank", """{"actions":[{"id":"a"}],"eventId":"after"}""");
        foreach (var (id, value) in new[] { ("before", "0.7"), ("before", "0.2"), ("after", "1"), ("of-none-yet", "1") })
        {
            using var answer = await looper.Everywhere.SendAsync($"{at}events/{id}/reward", $$"""{"value":{{value}}}""");
            Assert.True(answer.StatusCode == HttpStatusCode.NoContent, $"{id}: {await answer.Content.ReadAsStringAsync()}");
        }
        await looper.Everywhere.OkAsync(at + "rank", """{"actions":[{"id":"a"}],"eventId":"of-none-yet"}""");
        foreach (var (id, outcome) in new[] { ("before", "reward"), ("after", "clicked"), ("of-none-yet", "clicked") })
            Assert.Equal([outcome], (await looper.Events.FindTrailAsync("moved:" + id, default))!.Observations.Select(o => o.Outcome).Distinct());
    }

    [Fact]
    public async Task A_reward_must_fit_the_outcome_of_its_own_decision_point()
    {
        const string at = "/personalizer/opens/personalizer/v1.0/";
        var opened = PersonalizerApp.Pick with { Outcomes = [new("opened", OutcomeKind.Boolean)], Goal = new() { Terms = [new("opened")] } };
        await looper.App.PublishAsync("opens", opened);
        await looper.App.PublishAsync("opens-in-part", opened with { Outcomes = [new("opened", OutcomeKind.Number)] });
        await looper.Everywhere.OkAsync(at + "rank", """{"actions":[{"id":"a"}],"eventId":"e"}""");
        using var refused = await looper.Everywhere.SendAsync(at + "events/e/reward", """{"value":0.7}""");
        var error = await PersonalizerApp.ErrorAsync(refused, HttpStatusCode.BadRequest, Invalid, "request.invalid");
        Assert.Contains("this must be true, false, 1 or 0, because a reward of 'opens' is its outcome 'opened'", (string)error["message"]!, StringComparison.Ordinal);
        using var taken = await looper.Everywhere.SendAsync("/personalizer/opens-in-part/personalizer/v1.0/events/e/reward", """{"value":0.7}""");
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
    }

    [Fact]
    public async Task A_yes_or_no_is_rewarded_with_one_or_zero()
    {
        await looper.Everywhere.OkAsync("/personalizer/clicks/personalizer/v1.0/rank", """{"actions":[{"id":"a"}],"eventId":"yes"}""");
        using var answer = await looper.Everywhere.SendAsync("/personalizer/clicks/personalizer/v1.0/events/yes/reward", """{"value":1.0}""");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(("clicked", 1.0), (await looper.Events.FindTrailAsync("clicks:yes", default))!.Observations.Select(o => (o.Outcome, o.Value)).Single());
    }

    [Fact]
    public async Task What_is_reported_by_v1_under_the_decisions_id_joins_the_event()
    {
        await RankAsync("both");
        using var v1 = await looper.App.WithKeyAsync(KeyScopes.Observe, looper.Offers);
        await v1.OkAsync("/v1/observations", """{"decisionId":"offers:both","outcomes":{"clicked":true}}""");
        Assert.Equal("clicked", (await looper.Events.FindTrailAsync("offers:both", default))!.Observations.Single().Outcome);
    }

    private async Task RankAsync(string eventId) =>
        await looper.Client.OkAsync("/personalizer/v1.0/rank", $$"""{"actions":[{"id":"a"},{"id":"b"}],"eventId":"{{eventId}}"}""");
}
