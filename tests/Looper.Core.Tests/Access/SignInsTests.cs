using Looper.Core.Access;
using Looper.Testing;

namespace Looper.Core.Tests.Access;

public class SignInsTests
{
    private const string Password = "a sentence nobody else uses 42";

    [Theory, InlineData("known@example.com"), InlineData("stranger@example.com")]
    public async Task S6_ten_wrong_passwords_lock_for_15_minutes_whether_or_not_the_account_exists(string email)
    {
        var clock = new TestClock();
        await using var database = await TestDatabase.CreateAsync(clock);
        await database.Get<UserActions>().CreateAsync(Caller.System, "known@example.com", "Known", Role.Viewer, Password, default);
        var signIns = database.Get<SignIns>();
        for (var i = 0; i < SignIns.MostFailures; i++) Assert.Equal(SignIns.Failed, (await signIns.CheckAsync(email, "wrong wrong wrong", default)).Refusal);
        Assert.Equal(SignIns.Locked, (await signIns.CheckAsync(email, Password, default)).Refusal);
        clock.Turn(SignIns.Lock + TimeSpan.FromSeconds(1));
        var after = await signIns.CheckAsync(email, Password, default);
        if (email == "known@example.com") Assert.Null(after.Refusal);
        else Assert.Equal(SignIns.Failed, after.Refusal);
    }

    [Fact]
    public async Task S6_an_address_without_an_account_costs_the_same_hashing_as_one_with()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.Get<UserActions>().CreateAsync(Caller.System, "known@example.com", "Known", Role.Viewer, Password, default);
        var rounds = new List<int>();
        var signIns = new SignIns(database.Databases, new TestClock())
        {
            Derive = (password, salt, iterations, key) =>
            {
                rounds.Add(iterations);
                PasswordHash.Derive(password, salt, iterations, key);
            },
        };
        await signIns.CheckAsync("stranger@example.com", Password, default);
        Assert.Equal([PasswordHash.Iterations], rounds);
        await signIns.CheckAsync("known@example.com", "wrong wrong wrong", default);
        Assert.Null((await signIns.CheckAsync("known@example.com", Password, default)).Refusal);
        await signIns.CheckAsync("stranger@example.com", Password, default);
        Assert.Equal([PasswordHash.Iterations, PasswordHash.Iterations, PasswordHash.Iterations, PasswordHash.Iterations], rounds);
    }

    [Fact]
    public async Task The_address_is_compared_without_case_and_spaces()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.Get<UserActions>().CreateAsync(Caller.System, "Known@Example.com", "Known", Role.Viewer, Password, default);
        Assert.Null((await database.Get<SignIns>().CheckAsync(" known@example.COM ", Password, default)).Refusal);
    }

    [Fact]
    public async Task The_last_admin_can_neither_go_nor_step_down()
    {
        await using var database = await TestDatabase.CreateAsync();
        var users = database.Get<UserActions>();
        var only = (await users.CreateAsync(Caller.System, "one@example.com", "One", Role.Admin, Password, default)).Value;
        Assert.Equal("user.last-admin", (await users.RemoveAsync(Caller.System, only, default))?.Code);
        Assert.Equal("user.last-admin", (await users.ChangeRoleAsync(Caller.System, only, Role.Viewer, default))?.Code);
        await users.CreateAsync(Caller.System, "two@example.com", "Two", Role.Admin, Password, default);
        Assert.Null(await users.ChangeRoleAsync(Caller.System, only, Role.Viewer, default));
    }

    [Fact]
    public async Task S13_a_session_has_ended_by_the_time_its_end_is_answered()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (users, profile, ring) = (database.Get<UserActions>(), database.Get<ProfileActions>(), database.Get<UserRing>());
        var id = (await users.CreateAsync(Caller.System, "one@example.com", "One", Role.Engineer, Password, default)).Value;
        await ring.RefreshAsync(default);
        var stamp = ring.Find(id)!.Stamp;
        await users.ChangeRoleAsync(Caller.System, id, Role.Viewer, default);
        Assert.Equal(Role.Viewer, ring.Find(id, stamp)!.Role);
        await profile.SignOutAsync(new("one@example.com", Role.Viewer, id), default);
        Assert.Null(ring.Find(id, stamp));
        await users.RemoveAsync(Caller.System, id, default);
        Assert.Null(ring.Find(id));
    }

    [Fact]
    public async Task Two_admins_who_demote_each_other_at_once_leave_one()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (users, queries) = (database.Get<UserActions>(), database.Get<UserQueries>());
        var pair = new List<Guid>();
        foreach (var email in (string[])["one@example.com", "two@example.com"])
            pair.Add((await users.CreateAsync(Caller.System, email, "One of two", Role.Admin, Password, default)).Value);
        for (var round = 0; round < 10; round++)
        {
            var answers = await Task.WhenAll(pair.Select(id => Task.Run(() => users.ChangeRoleAsync(Caller.System, id, Role.Viewer, default))));
            Assert.Equal("user.last-admin", Assert.Single(answers, a => a is not null)!.Code);
            Assert.Single((await queries.ListAsync(Caller.System, default)).Value!, u => u.Role == Role.Admin);
            foreach (var id in pair) await users.ChangeRoleAsync(Caller.System, id, Role.Admin, default);
        }
    }

    [Theory, InlineData(Role.Viewer), InlineData(Role.Analyst), InlineData(Role.Engineer), InlineData(Role.Approver)]
    public async Task Only_an_admin_changes_users(Role role)
    {
        await using var database = await TestDatabase.CreateAsync();
        var (caller, users) = (new Caller("x", role), database.Get<UserActions>());
        Assert.Equal("access.denied", (await users.CreateAsync(caller, "a@example.com", "A", Role.Viewer, Password, default)).Refusal?.Code);
        Assert.Equal("access.denied", (await users.RemoveAsync(caller, Guid.Empty, default))?.Code);
        Assert.Equal("access.denied", (await users.ChangeRoleAsync(caller, Guid.Empty, Role.Admin, default))?.Code);
        Assert.Equal("access.denied", (await users.SetPasswordAsync(caller, Guid.Empty, Password, default))?.Code);
        Assert.Equal("access.denied", (await database.Get<UserQueries>().ListAsync(caller, default)).Refusal?.Code);
    }
}
