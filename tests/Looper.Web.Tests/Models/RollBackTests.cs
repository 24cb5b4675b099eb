using Looper.Core.Access;
using Looper.Core.Models;
using Looper.Web.Tests.Api;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Models;

/// <summary>Going back names the model that it makes live.</summary>
public sealed class RollBackTests
{
    [Fact]
    public async Task A_model_that_cannot_be_read_is_passed_over_by_what_is_named_as_by_what_is_done()
    {
        await using var looper = new LooperApp();
        var point = await looper.PublishAsync("banner", LiveModels.Banner);
        var now = looper.Get<TimeProvider>().GetUtcNow();
        await looper.AddModelAsync(point, 1, ModelState.Retired);
        await looper.AddModelAsync(point, 2, ModelState.Retired, artefact: [1, 2, 3]);
        await looper.AddModelAsync(point, 3, ModelState.Live);
        foreach (var number in new[] { 1, 2 }) await looper.ChangeModelAsync(number, m => (m.PromotedAt, m.RetiredAt) = (now.AddHours(number - 4), now.AddHours(number - 3)));

        using var engineer = await looper.SignedInAsync(Role.Engineer);
        foreach (var address in new[] { "/decision-points/banner/models", "/decision-points/banner/models/3" })
        {
            var page = await engineer.GetStringAsync(address);
            Assert.Contains("Roll back to model 1", page, StringComparison.Ordinal);
            Assert.DoesNotContain("Roll back to model 2", page, StringComparison.Ordinal);
        }
        var actions = looper.Get<ModelActions>();
        Assert.Equal("model.changed-meanwhile", (await actions.GoBackAsync(Caller.System, "banner", "purchase", null, default, from: 3, to: 2)).Refusal?.Code);
        Assert.Equal(1, (await actions.GoBackAsync(Caller.System, "banner", "purchase", null, default, from: 3, to: 1)).Value);
    }

    [Theory]
    [InlineData(true, 1_000, "The first model is trained at 1,000 closed examples.")]
    [InlineData(true, 0, "Somebody trains the first model by hand")]
    [InlineData(false, 1_000, "Training by itself is off")]
    public async Task A_page_without_models_says_who_trains_the_first(bool isOn, int firstModelAt, string said)
    {
        await using var looper = new LooperApp();
        await looper.PublishAsync("banner", LiveModels.Banner with { Training = new() { IsOn = isOn, FirstModelAt = firstModelAt } });
        using var viewer = await looper.SignedInAsync(Role.Viewer);
        var page = await viewer.GetStringAsync("/decision-points/banner/models");
        Assert.Contains($"<h2>{said}", page, StringComparison.Ordinal);
    }
}
