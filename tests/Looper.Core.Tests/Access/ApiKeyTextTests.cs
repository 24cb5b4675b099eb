using Looper.Core.Access;

namespace Looper.Core.Tests.Access;

public class ApiKeyTextTests
{
    [Fact]
    public void A_new_key_reads_back_and_carries_256_bits_of_secret()
    {
        var key = ApiKeyText.New();
        Assert.Equal(ApiKeyText.Length, key.Length);
        Assert.True(ApiKeyText.TryRead(key, out var publicId, out var secret));
        Assert.Equal(key[4..12], publicId.ToString());
        Assert.Equal(52, secret.Length); // five bits each: 260
        Assert.NotEqual(key, ApiKeyText.New());
    }

    [Fact]
    public void S6_a_key_with_any_one_character_changed_is_no_key()
    {
        var key = ApiKeyText.New();
        for (var i = 0; i < key.Length; i++)
        {
            var changed = key.ToCharArray();
            changed[i] = changed[i] == 'x' ? 'y' : 'x';
            Assert.False(ApiKeyText.TryRead(changed, out _, out _), $"position {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("lpr_")]
    [InlineData("lpr_ABCDEFGH")]
    [InlineData("sk_live_0123456789")]
    [InlineData("lpr_\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000")]
    public void S6_anything_of_another_form_is_no_key(string text)
    {
        Assert.False(ApiKeyText.TryRead(text, out _, out _));
        Assert.False(ApiKeyText.TryRead(text.PadRight(ApiKeyText.Length, 'é'), out _, out _));
        Assert.False(ApiKeyText.TryRead(ApiKeyText.New() + text + " ", out _, out _));
    }
}
