using Looper.Core.Access;

namespace Looper.Core.Tests.Access;

public class CommonPasswordsTests
{
    [Theory]
    [InlineData("password1234")]
    [InlineData("Passw0rd!2026")]
    [InlineData("P@$$w0rd1234")]
    [InlineData("123456789012")]
    [InlineData("0987654321098")]
    [InlineData("qwertyuiop123")]
    [InlineData("1qaz2wsx3edc")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abcabcabcabc")]
    [InlineData("abababababab1")]
    [InlineData("adminadmin123")]
    [InlineData("Welcome2Looper!")]
    [InlineData("summerwinter2026")]
    [InlineData("iloveyou12345")]
    [InlineData("correcthorsebatterystaple")]
    [InlineData("!!!!!!!!!!!!")]
    public void What_is_tried_first_is_common(string password) => Assert.True(CommonPasswords.Contain(password));

    [Theory]
    [InlineData("the heron waits at noon")]
    [InlineData("vK3%tq-91LmzeA")]
    [InlineData("gumboot lagoon pretzel")]
    [InlineData("Schifffahrtskontor7")]
    [InlineData("a sentence nobody else uses 42")]
    [InlineData("дорога идёт в горы")]
    public void A_sentence_or_a_random_text_is_not(string password) => Assert.False(CommonPasswords.Contain(password));

    [Theory]
    [InlineData("short", "5 characters")]
    [InlineData("password1234", "tried first")]
    [InlineData("ada.lovelace@example.com", "tried first")]
    [InlineData("ada.lovelace1843", "tried first")]
    public void A_refused_password_says_why(string password, string why) =>
        Assert.Contains(why, UserRules.CheckPassword(password, "ada.lovelace@example.com")!.Reason, StringComparison.Ordinal);

    [Fact]
    public void A_password_of_more_than_128_characters_is_refused() =>
        Assert.Equal("password.invalid", UserRules.CheckPassword(string.Concat(Enumerable.Range(0, 43).Select(i => $"w{i:00}")), "a@example.com")!.Code);
}
