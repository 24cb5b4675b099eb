using Looper.Core.Serving;

namespace Looper.Core.Tests.Serving;

/// <summary>Expected numbers come from libxxhash 0.8.1 and plain arithmetic in another language: whoever computes assignments
/// elsewhere must get exactly these.</summary>
public sealed class AssignmentTests
{
    [Theory]
    [InlineData("", 0x0UL, 0xEF46DB3751D8E999UL)]
    [InlineData("a", 0x0UL, 0xD24EC4F1A98C6E5BUL)]
    [InlineData("abc", 0x0UL, 0x44BC2CF5AD770999UL)]
    [InlineData("user-42", 0x9E3779B1UL, 0xF450AFBE1E116D4AUL)]
    [InlineData("0123456789abcdef0123456789abcdef", 0x1UL, 0x048B8B580878A4A4UL)]
    [InlineData("The quick brown fox jumps over the lazy dog, twice over", 0xFFFFFFFFFFFFFFFFUL, 0x2048355D0B16F4C5UL)]
    [InlineData("Zoë-日本-🙂", 0x2AUL, 0x1CB23699603E6FADUL)]
    public void R20_hash_is_the_published_xxh64(string text, ulong seed, ulong expected) =>
        Assert.Equal(expected, Assignment.Hash(Serve.Utf8(text), seed));

    [Theory]
    [InlineData(42L, "arm", "user-1", 0.5781151410596572)]
    [InlineData(42L, "arm", "user-2", 0.9759715383343713)]
    [InlineData(42L, "holdout", "user-1", 0.008975062567368242)]
    [InlineData(-1L, "rollout", "018f3c5e-7b1a-7000-8000-000000000000", 0.6036553555088452)]
    [InlineData(9223372036854775807L, "option", "Zoë-日本-🙂", 0.18267217938715485)]
    public void R20_a_subject_has_the_same_number_in_every_language(long salt, string purpose, string subject, double expected) =>
        Assert.Equal(expected, Assignment.Uniform(Assignment.Stream(salt, purpose), subject));

    [Fact]
    public void R20_twenty_four_units_get_the_same_arms_in_every_language()
    {
        int[] expected = [0, 1, 2, 2, 0, 0, 1, 2, 1, 1, 0, 2, 0, 1, 2, 1, 1, 1, 0, 0, 1, 0, 0, 2];
        var stream = Assignment.Stream(7, "arm");
        Assert.Equal(expected, Enumerable.Range(0, 24).Select(i => Assignment.Pick(Assignment.Uniform(stream, $"user-{i}"), [0.5, 0.3, 0.2])));
    }

    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(0.4999, 1)]
    [InlineData(0.5, 3)]
    [InlineData(0.9999999999999999, 3)]
    public void A_weight_of_zero_is_never_picked(double uniform, int expected) => Assert.Equal(expected, Assignment.Pick(uniform, [0, 1, 0, 1, 0]));
}
