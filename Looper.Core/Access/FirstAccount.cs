namespace Looper.Core.Access;

/// <summary>Setting Looper up: possible while there is no user, with the token from the log.</summary>
public sealed class FirstAccount(SetupToken token, UserActions users, UserRing ring, InstallationSettings installation)
{
    internal static Refusal SetUpAlready { get; } = new("setup.unknown", "Looper is set up. Sign in.");

    public async Task<Answered<SignedIn>> CreateAsync(string setupToken, string email, string name, string password, string? installationName, CancellationToken cancel)
    {
        if (!ring.IsEmpty) return SetUpAlready;
        if (token.Check(setupToken) is { } wrong) return wrong;
        if (installationName is not null && InstallationSettings.CheckName(installationName) is { } unusable) return unusable with { Field = "installation" };
        var created = await users.CreateFirstAsync(email, name, password, cancel);
        if (created.Refusal is { } refusal) return refusal;
        token.Void();
        if (installationName is not null) await installation.RenameAsync(new Caller(email.Trim(), Role.Admin), installationName, cancel);
        await ring.RefreshAsync(cancel);
        return ring.Find(created.Value)!;
    }
}
