using Looper.Core.Access;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Access;

/// <summary>Against ASP.NET Core Identity's own hasher, both ways.</summary>
public class PasswordHashTests
{
    private const string Password = "a sentence nobody else uses 42";
    private static readonly PasswordHasher<User> Identity = new(Options.Create(new PasswordHasherOptions { IterationCount = PasswordHash.Iterations }));

    [Fact]
    public void Identity_accepts_our_hash_with_no_need_to_hash_again() =>
        Assert.Equal(PasswordVerificationResult.Success, Identity.VerifyHashedPassword(new(), PasswordHash.Of(Password), Password));

    [Fact]
    public void We_accept_Identitys_hash_and_refuse_another_password()
    {
        var hash = Identity.HashPassword(new(), Password);
        Assert.True(PasswordHash.Matches(hash, Password));
        Assert.False(PasswordHash.Matches(hash, Password + " "));
        Assert.False(PasswordHash.Matches(null, Password));
    }
}
