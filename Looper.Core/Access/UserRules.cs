namespace Looper.Core.Access;

/// <summary>What a user's name, address and password must be like.</summary>
public static class UserRules
{
    public const int LeastPassword = 12, MostPassword = 128, MostName = 200, MostEmail = 320;

    /// <summary>How an address is compared.</summary>
    public static string EmailKey(string email) => email.Trim().ToUpperInvariant();

    public static Refusal? CheckEmail(string email)
    {
        if (EmailKey(email) == DemoAccount.EmailKey)
            return new("user.invalid", $"'{email}' is the account of the demonstration, which is removed as soon as Looper starts without it. Use another address.", "email");
        var at = email.Trim().IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < email.Trim().Length - 1 && email.Length <= MostEmail && !email.Any(char.IsControl)
            ? null
            : new("user.invalid", $"'{email}' is not an e-mail address. Write it like name@example.com.", "email");
    }

    public static Refusal? CheckName(string name) =>
        string.IsNullOrWhiteSpace(name) ? new("user.invalid", "The name is empty. Give the name others should see.", "name")
        : name.Length > MostName ? new("user.invalid", $"The name has {name.Length} characters. Use {MostName} or fewer.", "name")
        : null;

    /// <summary>Length and commonness, nothing about kinds of characters.</summary>
    public static Refusal? CheckPassword(string password, string email) =>
        password.Length < LeastPassword ? new("password.invalid", $"The password has {password.Length} characters. Use {LeastPassword} or more; a sentence is good.", "password")
        : password.Length > MostPassword ? new("password.invalid", $"The password has {password.Length} characters. Use {MostPassword} or fewer.", "password")
        : CommonPasswords.Contain(password) || IsAddress(password, email) ? new("password.invalid", "The password is one that is tried first. Choose another; a sentence is good.", "password")
        : null;

    private static bool IsAddress(string password, string email) =>
        EmailKey(password).Trim("0123456789!".ToCharArray()) is var bare && (bare == EmailKey(email) || bare == EmailKey(email).Split('@')[0]);
}
