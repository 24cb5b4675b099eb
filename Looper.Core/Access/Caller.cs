namespace Looper.Core.Access;

/// <summary>Who asks: a signed-in user, a management key, or the system itself. Every action takes one and checks it.</summary>
public sealed record Caller(string Name, Role Role, Guid? UserId = null)
{
    /// <summary>What a column that says who did it holds.</summary>
    public const int MostName = 200;

    /// <summary>A longer one, such as that of a key with a long name or the longest of addresses, is cut here, so that what it does can be kept on every database.</summary>
    public string Name { get; } = Name.Length <= MostName ? Name : Name[..MostName];

    /// <summary>A management key, whose scope stands for a role.</summary>
    public bool IsKey { get; init; }

    /// <summary>Scheduled work and the command line on the machine itself.</summary>
    public static Caller System { get; } = new("Looper", Role.Admin);

    /// <summary>Null when the caller has the right, else why not.</summary>
    public Refusal? Lacks(Right right) => Role >= Rights.Needs(right)
        ? null
        : new("access.denied", (IsKey, Rights.Needs(right)) switch
        {
            (true, <= Role.Engineer) => "This key may only read, and this needs one that may manage. Create one under Access, API keys.",
            (true, var needed) => $"No key may do this: it needs a person with the role {Word(needed)}.",
            (_, var needed) => $"This needs the role {Word(needed)}; you are {Word(Role)}. Ask an admin.",
        });

    private static string Word(Role role) => role.ToString().ToLowerInvariant();
}
