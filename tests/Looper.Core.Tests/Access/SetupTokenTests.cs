using Looper.Core.Access;
using Looper.Testing;

namespace Looper.Core.Tests.Access;

public class SetupTokenTests
{
    private const string Password = "a sentence nobody else uses 42";

    [Fact]
    public void S6_ten_wrong_tokens_pause_for_15_minutes_also_the_right_one()
    {
        var clock = new TestClock();
        var token = new SetupToken(clock);
        var right = token.Draw();
        Assert.Equal(64, right.Length); // 256 bits in hex
        for (var i = 0; i < SetupToken.MostTries; i++) Assert.Equal("setup.wrong-token", token.Check("0" + right[1..^1] + "x")?.Code);
        Assert.Equal("setup.paused", token.Check(right)?.Code);
        clock.Turn(SetupToken.Pause);
        Assert.Null(token.Check(right));
    }

    [Fact]
    public async Task S6_a_token_is_void_once_used()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (first, right) = (database.Get<FirstAccount>(), database.Get<SetupToken>().Draw());
        Assert.Null((await first.CreateAsync(right, "ada@example.com", "Ada", Password, "Shop", default)).Refusal);
        Assert.Equal("setup.unknown", (await first.CreateAsync(right, "eve@example.com", "Eve", Password, null, default)).Refusal?.Code);
        Assert.Equal("Shop", await database.Get<InstallationSettings>().NameAsync(default));
    }

    [Fact]
    public async Task S6_of_two_first_users_at_once_one_wins()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (first, right) = (database.Get<FirstAccount>(), database.Get<SetupToken>().Draw());
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => first.CreateAsync(right, $"user{i}@example.com", "User", Password, null, default))));
        Assert.Single(answers, a => a.Refusal is null);
        Assert.Single((await database.Get<UserQueries>().ListAsync(Caller.System, default)).Value!);
    }

    [Fact]
    public async Task A_refused_password_leaves_the_token_good()
    {
        await using var database = await TestDatabase.CreateAsync();
        var (first, right) = (database.Get<FirstAccount>(), database.Get<SetupToken>().Draw());
        Assert.Equal("password.invalid", (await first.CreateAsync(right, "ada@example.com", "Ada", "short", null, default)).Refusal?.Code);
        Assert.Null((await first.CreateAsync(right, "ada@example.com", "Ada", Password, null, default)).Refusal);
    }
}
