using Looper.Core.Access;
using Looper.Testing;

namespace Looper.Core.Tests.Access;

/// <summary>The demonstration's admin comes and goes with it, so it is nobody's account and nobody can count on it.</summary>
public sealed class DemoAccountTests
{
    private const string Password = "a sentence nobody else uses 42", Address = " Demo@LocalHost ";

    [Fact] // it would be removed with the next start
    public async Task Its_address_is_given_to_nobody()
    {
        await using var database = await TestDatabase.CreateAsync();
        var users = database.Get<UserActions>();
        foreach (var made in new[] { await users.CreateFirstAsync(Address, "Ann", Password, default), await users.CreateAsync(Caller.System, Address, "Ann", Role.Viewer, Password, default) })
        {
            Assert.Equal(("user.invalid", "email"), (made.Refusal?.Code, made.Refusal?.Field));
            Assert.Contains("Use another address", made.Refusal!.Reason, StringComparison.Ordinal);
        }
        Assert.NotEqual(default, (await users.CreateFirstAsync("demo@example.com", "Ann", Password, default)).Value);
    }

    [Fact]
    public async Task Beside_it_the_last_admin_can_still_neither_go_nor_step_down()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (users, demo) = (database.Get<UserActions>(), database.Get<DemoAccount>());
        var only = (await users.CreateAsync(Caller.System, "one@example.com", "One", Role.Admin, Password, default)).Value;
        await demo.OpenAsync(demo: true, default);
        await database.Get<UserRing>().RefreshAsync(default);
        Assert.Equal("user.last-admin", (await users.RemoveAsync(Caller.System, only, default))?.Code);
        Assert.Equal("user.last-admin", (await users.ChangeRoleAsync(Caller.System, only, Role.Viewer, default))?.Code);
        Assert.Null(await users.RemoveAsync(Caller.System, demo.User!.Id, default)); // somebody stays
        await demo.OpenAsync(demo: false, default);
        Assert.Equal(Role.Admin, Assert.Single((await database.Get<UserQueries>().ListAsync(Caller.System, default)).Value!).Role);
    }
}
