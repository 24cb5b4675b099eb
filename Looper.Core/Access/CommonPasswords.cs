using System.Collections.Frozen;
using System.Text;

namespace Looper.Core.Access;

/// <summary>Whether a password is one that guessing programs try first: common words with digits around them or letters swapped
/// for look-alikes, keyboard walks, sequences, and a few characters repeated.</summary>
public static class CommonPasswords
{
    private const int MostWords = 2;

    private static readonly string[] Walks =
    [
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop", "qwertyuiopasdfghjklzxcvbnmqwertyuiop", "qazwsxedcrfvtgbyhnujmikolp",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p", "zaq12wsxcde34rfvbgt56yhnmju78", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
        "01234567890123456789012345678901234567890", "09876543210987654321098765432109876543210",
    ];

    private static readonly FrozenSet<string> Words = (
        "password passwort passw pass pwd secret letmein welcome login logon signin admin administrator root user guest test testing tester demo default " +
        "changeme change changeit master superman batman spiderman dragon monkey sunshine princess football baseball basketball soccer hockey iloveyou " +
        "love lovely lover loveme trustno shadow michael jordan jennifer jessica ashley daniel charlie thomas robert andrew matthew joshua george " +
        "computer internet samsung google facebook amazon microsoft windows apple android linux oracle cisco server service system database access " +
        "summer winter spring autumn january february march april june july august september october november december monday tuesday wednesday thursday friday saturday sunday " +
        "freedom whatever nothing something starwars pokemon pikachu naruto minecraft fortnite killer hunter ranger cookie cheese chocolate banana orange pepper ginger flower " +
        "purple yellow green blue black white silver golden diamond crystal angel angels heaven jesus christ family friend friends forever always " +
        "hello hallo bonjour hola money dollar million lucky happy birthday mustang ferrari porsche mercedes corvette harley yamaha " +
        "arsenal chelsea liverpool barcelona madrid juventus manchester united london paris berlin america canada germany france england australia " +
        "company business office manager support helpdesk temp temporary initial first new old my the is i am a this your you me to in and one two three four five six seven eight nine ten " +
        "qwerty qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx abc abcd abcdef aaa looper decision product github docker postgres sqlserver mysql redis kubernetes ubuntu debian")
        .Split(' ').ToFrozenSet();

    private static readonly FrozenSet<string> Whole = new[]
    {
        "correcthorsebatterystaple", "thequickbrownfox", "iloveyousomuch", "itsasecret", "opensesame", "letmeinnow", "whatsmypassword", "idontknow", "nevergonnagiveyouup",
        "tobeornottobe", "maytheforcebewithyou", "ihatepasswords", "thisismypassword", "mypasswordispassword",
    }.ToFrozenSet();

    public static bool Contain(string password)
    {
        var plain = Plain(password);
        if (plain.Distinct().Count() < 5 || Repeats(plain) || Walks.Any(walk => IsWalk(plain, walk))) return true;
        var bare = new string([.. password.ToLowerInvariant().Where(char.IsLetterOrDigit)]);
        if (bare.All(char.IsDigit) || Repeats(bare) || Walks.Any(walk => IsWalk(bare, walk))) return true;
        return new[] { plain, Letters(password), bare.Trim("0123456789".ToCharArray()) }.Any(text => Whole.Contains(text) || IsWords(text, MostWords));
    }

    /// <summary>Look-alikes undone, everything but letters gone.</summary>
    private static string Plain(string password)
    {
        var text = new StringBuilder();
        foreach (var c in password.ToLowerInvariant().TrimEnd("0123456789!?.*#".ToCharArray()))
        {
            var letter = c switch { '0' => 'o', '1' or '!' or '|' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' or '+' => 't', _ => c };
            if (char.IsLetter(letter)) text.Append(letter);
        }
        return text.ToString();
    }

    private static string Letters(string password) => new([.. password.ToLowerInvariant().Where(char.IsLetter)]);

    private static bool Repeats(string text)
    {
        for (var period = 1; period <= text.Length / 2; period++)
        {
            var all = true;
            for (var i = period; i < text.Length && all; i++) all = text[i] == text[i - period];
            if (all) return true;
        }
        return false;
    }

    private static bool IsWalk(string text, string walk) => text.Length >= 6 && (walk.Contains(text, StringComparison.Ordinal) || walk.Contains(Reversed(text), StringComparison.Ordinal));

    private static string Reversed(string text) => new([.. text.Reverse()]);

    private static bool IsWords(string text, int most)
    {
        if (text.Length == 0) return true;
        for (var length = text.Length; most > 0 && length > 0; length--)
        {
            if (Words.Contains(text[..length]) && IsWords(text[length..], most - 1)) return true;
        }
        return false;
    }
}
