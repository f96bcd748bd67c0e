-- Deploy devpilot:template_platform_1 to pg
-- phase: expand
-- Version 1 of the template 'platform' and its 8 steps.
-- generated from templates/platform-1.yaml by scripts/generate-contract; do not edit
--
-- Rows that are there already come from a deployment that ended before sqitch
-- recorded it; the verification tells whether they are these.

begin;
set local lock_timeout = '2s';
set local role dp_owner;

insert into dp.blueprint_template (name, version, sha256)
values ('platform', 1,
        '\x2638293715dca4c3047e8294d279077bea27e648c36889f812745bf47880cd70')
on conflict do nothing;

insert into dp.step_definition (template, version, ordinal, key, title, json_schema)
values
('platform', 1, 1, 'vision', 'Vision', $schema${
  "additionalProperties": false,
  "properties": {
    "constraints": {
      "description": "What is given: law, budget, date, existing systems.",
      "items": {"maxLength": 300, "minLength": 1, "type": "string"},
      "maxItems": 20,
      "type": "array",
      "uniqueItems": true
    },
    "goals": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "goal": {"maxLength": 300, "minLength": 1, "type": "string"},
          "measure": {
            "description": "The number that shows it is reached.",
            "maxLength": 300,
            "minLength": 1,
            "type": "string"
          }
        },
        "required": ["goal"],
        "type": "object"
      },
      "maxItems": 20,
      "minItems": 1,
      "type": "array"
    },
    "nonGoals": {
      "description": "What somebody may expect and will not get.",
      "items": {"maxLength": 300, "minLength": 1, "type": "string"},
      "maxItems": 20,
      "type": "array",
      "uniqueItems": true
    },
    "problem": {
      "description": "What is wrong today, and for whom.",
      "maxLength": 4000,
      "minLength": 1,
      "type": "string"
    },
    "summary": {
      "description": "The application in one sentence.",
      "maxLength": 300,
      "minLength": 1,
      "type": "string"
    }
  },
  "required": ["summary", "problem", "goals"],
  "type": "object"
}$schema$),
('platform', 1, 2, 'users', 'Users', $schema${
  "additionalProperties": false,
  "properties": {
    "expectedUsers": {
      "description": "People with an account a year after the start.",
      "maximum": 1000000000,
      "minimum": 1,
      "type": "integer"
    },
    "personas": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "description": {"maxLength": 4000, "minLength": 1, "type": "string"},
          "name": {"maxLength": 100, "minLength": 1, "type": "string"},
          "needs": {
            "items": {"maxLength": 300, "minLength": 1, "type": "string"},
            "maxItems": 20,
            "minItems": 1,
            "type": "array",
            "uniqueItems": true
          },
          "role": {
            "description": "The role they have in the application.",
            "maxLength": 60,
            "pattern": "^[a-z][a-z0-9_]*$",
            "type": "string"
          },
          "skill": {
            "description": "How well they know such applications.",
            "enum": ["low", "medium", "high"],
            "type": "string"
          }
        },
        "required": ["name", "needs"],
        "type": "object"
      },
      "maxItems": 20,
      "minItems": 1,
      "type": "array"
    },
    "roles": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "key": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
          "permissions": {
            "items": {"maxLength": 300, "minLength": 1, "type": "string"},
            "maxItems": 100,
            "type": "array",
            "uniqueItems": true
          }
        },
        "required": ["key", "permissions"],
        "type": "object"
      },
      "maxItems": 20,
      "minItems": 1,
      "type": "array"
    }
  },
  "required": ["personas", "roles"],
  "type": "object"
}$schema$),
('platform', 1, 3, 'requirements', 'Requirements', $schema${
  "additionalProperties": false,
  "properties": {
    "functional": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "acceptance": {
            "description": "What a test would show.",
            "items": {"maxLength": 300, "minLength": 1, "type": "string"},
            "maxItems": 20,
            "minItems": 1,
            "type": "array"
          },
          "description": {"maxLength": 4000, "minLength": 1, "type": "string"},
          "id": {"maxLength": 7, "pattern": "^FR-[0-9]{1,4}$", "type": "string"},
          "priority": {"enum": ["must", "should", "could", "wont"], "type": "string"},
          "title": {"maxLength": 300, "minLength": 1, "type": "string"}
        },
        "required": ["id", "title", "priority", "acceptance"],
        "type": "object"
      },
      "maxItems": 200,
      "minItems": 1,
      "type": "array"
    },
    "quality": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "category": {
            "enum": [
              "performance",
              "availability",
              "security",
              "privacy",
              "usability",
              "accessibility",
              "maintainability",
              "portability",
              "cost"
            ],
            "type": "string"
          },
          "id": {"maxLength": 7, "pattern": "^QR-[0-9]{1,4}$", "type": "string"},
          "priority": {"enum": ["must", "should", "could", "wont"], "type": "string"},
          "requirement": {
            "description": "With the number that decides it.",
            "maxLength": 300,
            "minLength": 1,
            "type": "string"
          }
        },
        "required": ["id", "category", "requirement", "priority"],
        "type": "object"
      },
      "maxItems": 100,
      "type": "array"
    }
  },
  "required": ["functional", "quality"],
  "type": "object"
}$schema$),
('platform', 1, 4, 'architecture', 'Architecture', $schema${
  "additionalProperties": false,
  "properties": {
    "components": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "dependsOn": {
            "description": "Keys of other components.",
            "items": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
            "maxItems": 50,
            "type": "array",
            "uniqueItems": true
          },
          "key": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
          "kind": {
            "enum": [
              "web",
              "mobile",
              "api",
              "worker",
              "scheduler",
              "database",
              "cache",
              "queue",
              "storage",
              "external"
            ],
            "type": "string"
          },
          "responsibility": {"maxLength": 300, "minLength": 1, "type": "string"},
          "technology": {"maxLength": 100, "minLength": 1, "type": "string"}
        },
        "required": ["key", "kind", "responsibility"],
        "type": "object"
      },
      "maxItems": 50,
      "minItems": 1,
      "type": "array"
    },
    "decisions": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "alternatives": {
            "items": {"maxLength": 300, "minLength": 1, "type": "string"},
            "maxItems": 10,
            "type": "array",
            "uniqueItems": true
          },
          "decision": {"maxLength": 4000, "minLength": 1, "type": "string"},
          "reason": {"maxLength": 4000, "minLength": 1, "type": "string"},
          "title": {"maxLength": 300, "minLength": 1, "type": "string"}
        },
        "required": ["title", "decision", "reason"],
        "type": "object"
      },
      "maxItems": 50,
      "type": "array"
    },
    "style": {
      "enum": ["monolith", "modular_monolith", "services", "serverless", "static_site"],
      "type": "string"
    }
  },
  "required": ["style", "components"],
  "type": "object"
}$schema$),
('platform', 1, 5, 'data_model', 'Data model', $schema${
  "additionalProperties": false,
  "properties": {
    "entities": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "description": {"maxLength": 300, "minLength": 1, "type": "string"},
          "fields": {
            "items": {
              "additionalProperties": false,
              "properties": {
                "description": {"maxLength": 300, "minLength": 1, "type": "string"},
                "key": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
                "required": {"type": "boolean"},
                "type": {
                  "enum": [
                    "text",
                    "integer",
                    "decimal",
                    "boolean",
                    "date",
                    "timestamp",
                    "uuid",
                    "json",
                    "bytes"
                  ],
                  "type": "string"
                },
                "unique": {"type": "boolean"}
              },
              "required": ["key", "type"],
              "type": "object"
            },
            "maxItems": 100,
            "minItems": 1,
            "type": "array"
          },
          "key": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
          "personalData": {
            "description": "Whether a row says something about a living person.",
            "type": "boolean"
          },
          "retentionDays": {"maximum": 36500, "minimum": 1, "type": "integer"}
        },
        "required": ["key", "fields"],
        "type": "object"
      },
      "maxItems": 100,
      "minItems": 1,
      "type": "array"
    },
    "relations": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "from": {
            "description": "Key of an entity.",
            "maxLength": 60,
            "pattern": "^[a-z][a-z0-9_]*$",
            "type": "string"
          },
          "kind": {"enum": ["one_to_one", "one_to_many", "many_to_many"], "type": "string"},
          "name": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
          "to": {
            "description": "Key of an entity.",
            "maxLength": 60,
            "pattern": "^[a-z][a-z0-9_]*$",
            "type": "string"
          }
        },
        "required": ["from", "to", "kind"],
        "type": "object"
      },
      "maxItems": 300,
      "type": "array"
    }
  },
  "required": ["entities"],
  "type": "object"
}$schema$),
('platform', 1, 6, 'api', 'API', $schema${
  "additionalProperties": false,
  "properties": {
    "basePath": {"maxLength": 100, "pattern": "^/[a-z0-9/_-]*$", "type": "string"},
    "events": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "description": {"maxLength": 300, "minLength": 1, "type": "string"},
          "key": {
            "maxLength": 100,
            "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)*$",
            "type": "string"
          }
        },
        "required": ["key"],
        "type": "object"
      },
      "maxItems": 100,
      "type": "array"
    },
    "operations": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "access": {"enum": ["public", "user", "role"], "type": "string"},
          "entity": {
            "description": "Key of the entity it is about.",
            "maxLength": 60,
            "pattern": "^[a-z][a-z0-9_]*$",
            "type": "string"
          },
          "key": {"maxLength": 60, "pattern": "^[a-z][A-Za-z0-9]*$", "type": "string"},
          "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"], "type": "string"},
          "path": {"maxLength": 200, "pattern": "^/[A-Za-z0-9/_.{}-]*$", "type": "string"},
          "roles": {
            "description": "Keys of the roles that may call it.",
            "items": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
            "maxItems": 20,
            "type": "array",
            "uniqueItems": true
          },
          "summary": {"maxLength": 300, "minLength": 1, "type": "string"}
        },
        "required": ["key", "method", "path", "access"],
        "type": "object"
      },
      "maxItems": 300,
      "minItems": 1,
      "type": "array"
    },
    "style": {"enum": ["rest", "graphql", "grpc"], "type": "string"}
  },
  "required": ["style", "operations"],
  "type": "object"
}$schema$),
('platform', 1, 7, 'security_operations', 'Security and operations', $schema${
  "additionalProperties": false,
  "properties": {
    "alerts": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "condition": {"maxLength": 300, "minLength": 1, "type": "string"},
          "runbook": {"format": "uri", "maxLength": 500, "type": "string"},
          "severity": {"enum": ["info", "warn", "error", "critical"], "type": "string"}
        },
        "required": ["condition", "severity"],
        "type": "object"
      },
      "maxItems": 100,
      "type": "array"
    },
    "authentication": {
      "items": {"enum": ["password", "oidc", "saml", "passkey", "api_key", "none"], "type": "string"},
      "maxItems": 6,
      "minItems": 1,
      "type": "array",
      "uniqueItems": true
    },
    "availabilityPercent": {"maximum": 99.999, "minimum": 90, "type": "number"},
    "dataClass": {"enum": ["public", "internal", "confidential", "restricted"], "type": "string"},
    "recoveryPointMinutes": {
      "description": "How much of what was written may be lost.",
      "maximum": 10080,
      "minimum": 0,
      "type": "integer"
    },
    "recoveryTimeMinutes": {
      "description": "How long it may be away.",
      "maximum": 10080,
      "minimum": 0,
      "type": "integer"
    },
    "secondFactor": {"enum": ["off", "optional", "required"], "type": "string"},
    "threats": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "impact": {"enum": ["low", "medium", "high"], "type": "string"},
          "likelihood": {"enum": ["low", "medium", "high"], "type": "string"},
          "mitigation": {"maxLength": 4000, "minLength": 1, "type": "string"},
          "threat": {"maxLength": 300, "minLength": 1, "type": "string"}
        },
        "required": ["threat", "mitigation"],
        "type": "object"
      },
      "maxItems": 100,
      "type": "array"
    }
  },
  "required": [
    "authentication",
    "dataClass",
    "availabilityPercent",
    "recoveryPointMinutes",
    "recoveryTimeMinutes"
  ],
  "type": "object"
}$schema$),
('platform', 1, 8, 'delivery_plan', 'Delivery plan', $schema${
  "additionalProperties": false,
  "properties": {
    "environments": {
      "items": {"maxLength": 60, "pattern": "^[a-z][a-z0-9_]*$", "type": "string"},
      "maxItems": 10,
      "type": "array",
      "uniqueItems": true
    },
    "milestones": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "delivers": {
            "description": "Ids of functional requirements.",
            "items": {"maxLength": 7, "pattern": "^FR-[0-9]{1,4}$", "type": "string"},
            "maxItems": 200,
            "minItems": 1,
            "type": "array",
            "uniqueItems": true
          },
          "title": {"maxLength": 300, "minLength": 1, "type": "string"},
          "week": {
            "description": "Counted from the start.",
            "maximum": 520,
            "minimum": 1,
            "type": "integer"
          }
        },
        "required": ["title", "week", "delivers"],
        "type": "object"
      },
      "maxItems": 50,
      "minItems": 1,
      "type": "array"
    },
    "releaseStrategy": {"enum": ["all_at_once", "rolling", "blue_green", "canary"], "type": "string"},
    "risks": {
      "items": {
        "additionalProperties": false,
        "properties": {
          "impact": {"enum": ["low", "medium", "high"], "type": "string"},
          "likelihood": {"enum": ["low", "medium", "high"], "type": "string"},
          "response": {"maxLength": 4000, "minLength": 1, "type": "string"},
          "risk": {"maxLength": 300, "minLength": 1, "type": "string"}
        },
        "required": ["risk", "likelihood", "impact"],
        "type": "object"
      },
      "maxItems": 50,
      "type": "array"
    }
  },
  "required": ["milestones", "releaseStrategy"],
  "type": "object"
}$schema$)
on conflict do nothing;

commit;
