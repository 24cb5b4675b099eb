using Looper.Core.Access;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Access;

public sealed class CurrentPasswordTests
{
    [Fact]
    public async Task Who_finds_a_session_open_cannot_try_more_passwords_than_at_the_door()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        var (caller, profile) = (new Caller(user.Email, user.Role, user.Id), looper.Get<ProfileActions>());
        for (var i = 0; i < SignIns.MostFailures; i++)
            Assert.Equal("password.invalid", (await profile.ChangePasswordAsync(caller, $"guess {i}", "another sentence nobody uses", default))?.Code);
        Assert.Equal("sign-in.locked", (await profile.ChangePasswordAsync(caller, LooperApp.Password, "another sentence nobody uses", default))?.Code);
        Assert.Equal("sign-in.locked", (await looper.Get<SignIns>().CheckAsync(user.Email, LooperApp.Password, default)).Refusal?.Code);
    }

    [Fact]
    public async Task A_right_one_after_a_few_wrong_ones_changes_it_and_is_counted_from_nothing()
    {
        await using var looper = new LooperApp();
        var user = await looper.UserAsync(Role.Viewer);
        var (caller, profile) = (new Caller(user.Email, user.Role, user.Id), looper.Get<ProfileActions>());
        for (var i = 0; i < SignIns.MostFailures - 1; i++) await profile.ChangePasswordAsync(caller, $"guess {i}", "another sentence nobody uses", default);
        Assert.Null(await profile.ChangePasswordAsync(caller, LooperApp.Password, "another sentence nobody uses", default));
        Assert.Equal("password.invalid", (await profile.ChangePasswordAsync(caller, LooperApp.Password, "a third sentence nobody uses", default))?.Code);
        Assert.NotNull((await looper.Get<SignIns>().CheckAsync(user.Email, "another sentence nobody uses", default)).Value);
    }
}
