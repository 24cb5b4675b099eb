using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Looper.Core.Tests.Architecture;

/// <summary>Which namespaces each namespace of a compiled assembly uses: bases, interfaces, signatures, attributes and decoded IL.</summary>
internal static class NamespaceUses
{
    private static readonly Dictionary<int, OperandType> s_operands = typeof(OpCodes)
        .GetFields().Select(f => f.GetValue(null)).OfType<OpCode>().ToDictionary(o => (int)(ushort)o.Value, o => o.OperandType);

    /// <summary>One entry per (user, used) pair, with the name of one type that makes it so.</summary>
    public static Dictionary<(string User, string Used), string> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var uses = new Dictionary<(string, string), string>();
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            var user = NamespaceOf(metadata, handle);
            if (user.Length == 0) continue; // compiler-made
            var names = new Names();
            Collect(metadata, file, type, names);
            foreach (var used in names.Found) uses.TryAdd((user, used), metadata.GetString(type.Name));
        }

        return uses;
    }

    private static void Collect(MetadataReader metadata, PEReader file, TypeDefinition type, Names names)
    {
        names.Entity(metadata, type.BaseType);
        foreach (var i in type.GetInterfaceImplementations()) names.Entity(metadata, metadata.GetInterfaceImplementation(i).Interface);
        Attributes(metadata, type.GetCustomAttributes(), names);
        foreach (var f in type.GetFields())
        {
            metadata.GetFieldDefinition(f).DecodeSignature(names, metadata);
            Attributes(metadata, metadata.GetFieldDefinition(f).GetCustomAttributes(), names);
        }

        foreach (var m in type.GetMethods())
        {
            var method = metadata.GetMethodDefinition(m);
            method.DecodeSignature(names, metadata);
            Attributes(metadata, method.GetCustomAttributes(), names);
            if (method.RelativeVirtualAddress == 0) continue;
            var body = file.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil) metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, metadata);
            Instructions(metadata, body.GetILReader(), names);
        }
    }

    private static void Attributes(MetadataReader metadata, CustomAttributeHandleCollection attributes, Names names)
    {
        foreach (var a in attributes) names.Entity(metadata, metadata.GetCustomAttribute(a).Constructor);
    }

    private static void Instructions(MetadataReader metadata, BlobReader il, Names names)
    {
        while (il.RemainingBytes > 0)
        {
            int code = il.ReadByte();
            if (code == 0xFE) code = 0xFE00 | il.ReadByte();
            switch (s_operands[code])
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    names.Entity(metadata, MetadataTokens.EntityHandle(il.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var count = il.ReadInt32();
                    il.Offset += 4 * count;
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    il.Offset += 1;
                    break;
                case OperandType.InlineVar:
                    il.Offset += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    il.Offset += 8;
                    break;
                default:
                    il.Offset += 4;
                    break;
            }
        }
    }

    private static string NamespaceOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil) type = metadata.GetTypeDefinition(type.GetDeclaringType());
        return metadata.GetString(type.Namespace);
    }

    private static string NamespaceOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference) type = metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        return metadata.GetString(type.Namespace);
    }

    /// <summary>Collects the namespace of every type a signature or token names; its own results mean nothing.</summary>
    private sealed class Names : ISignatureTypeProvider<byte, MetadataReader>
    {
        public HashSet<string> Found { get; } = [];

        public void Entity(MetadataReader metadata, EntityHandle handle)
        {
            if (handle.IsNil) return;
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition: Found.Add(NamespaceOf(metadata, (TypeDefinitionHandle)handle)); break;
                case HandleKind.TypeReference: Found.Add(NamespaceOf(metadata, (TypeReferenceHandle)handle)); break;
                case HandleKind.TypeSpecification: metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, metadata); break;
                case HandleKind.MethodDefinition: Entity(metadata, metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType()); break;
                case HandleKind.FieldDefinition: Entity(metadata, metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType()); break;
                case HandleKind.MemberReference: Member(metadata, metadata.GetMemberReference((MemberReferenceHandle)handle)); break;
                case HandleKind.MethodSpecification:
                    var specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                    specification.DecodeSignature(this, metadata);
                    Entity(metadata, specification.Method);
                    break;
                default: break; // strings and standalone signatures name no type we care for
            }
        }

        private void Member(MetadataReader metadata, MemberReference member)
        {
            Entity(metadata, member.Parent);
            if (member.GetKind() == MemberReferenceKind.Method) member.DecodeMethodSignature(this, metadata);
            else member.DecodeFieldSignature(this, metadata);
        }

        public byte GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Found.Add(NamespaceOf(reader, handle));
            return 0;
        }

        public byte GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            Found.Add(NamespaceOf(reader, handle));
            return 0;
        }

        public byte GetTypeFromSpecification(MetadataReader reader, MetadataReader genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public byte GetArrayType(byte elementType, ArrayShape shape) => 0;
        public byte GetByReferenceType(byte elementType) => 0;
        public byte GetFunctionPointerType(MethodSignature<byte> signature) => 0;
        public byte GetGenericInstantiation(byte genericType, ImmutableArray<byte> typeArguments) => 0;
        public byte GetGenericMethodParameter(MetadataReader genericContext, int index) => 0;
        public byte GetGenericTypeParameter(MetadataReader genericContext, int index) => 0;
        public byte GetModifiedType(byte modifier, byte unmodifiedType, bool isRequired) => 0;
        public byte GetPinnedType(byte elementType) => 0;
        public byte GetPointerType(byte elementType) => 0;
        public byte GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;
        public byte GetSZArrayType(byte elementType) => 0;
    }
}
